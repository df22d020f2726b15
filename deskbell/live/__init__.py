"""Live pages: what is new, who may hear of it, who looks and who types.  Nothing here is ever the only news."""

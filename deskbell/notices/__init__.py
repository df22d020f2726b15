"""What customers and agents are told: words and templates.  How they travel is the channels' business."""

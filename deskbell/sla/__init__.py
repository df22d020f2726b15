"""What a department promises its customers: clocks that count until they are answered, and warnings."""

"""Every change of table since the first release; an office's data survives each upgrade."""

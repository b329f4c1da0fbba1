"""Places and who serves them: the ladder of areas, addresses and pins to grids, duty rosters, the working calendar."""

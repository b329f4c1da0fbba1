"""云溪区: an invented district for trying the house out. Every name, place and person in it is made up."""

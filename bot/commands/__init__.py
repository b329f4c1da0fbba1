"""The commands of `linli`, one small file per task of the people who run it."""

"""What a caption file may be. Two hours of dense dialogue are 2,500 cues and 150 KB."""

MOST_BYTES = 2 * 1024 * 1024
MOST_CUES = 20_000
LONGEST_CUE_TEXT = 2_000
# Players and browsers count on; a film that lasts longer than four days is none.
LATEST_MS = 100 * 3600 * 1000 - 1
# Beyond it nobody reads on: the first faults show what is wrong with the file.
MOST_FAULTS = 50
MOST_WARNINGS = 200
# Columns of a line that a television shows at a readable size; wide characters take two.
LINE_COLUMNS = 42

-- Runs in REAPER's Lua 5.3 (REAPER 6) and 5.4 (REAPER 7).
std = "lua53"
read_globals = { "reaper" }
globals = { "gfx" }
max_line_length = 110

-- The small progress window: one row per job, a bar, and Cancel.

local window = {}

local WIDTH, ROW, FOOT, MARGIN = 380, 54, 40, 12
local BUTTON_WIDTH, BUTTON_HEIGHT = 84, 24
local CLOSED = -1
local ESCAPE = 27

local BACK = { 0.13, 0.14, 0.15 }
local TEXT = { 0.88, 0.89, 0.90 }
local FAINT = { 0.60, 0.62, 0.64 }
local TROUGH = { 0.22, 0.23, 0.25 }
local BAR = { 0.34, 0.71, 0.91 }

local pressed = false

--- Open the window for this many rows.
function window.open(rows)
  gfx.init("avstem", WIDTH, MARGIN + rows * ROW + FOOT)
  gfx.setfont(1, "Arial", 15)
end

--- Close it.
function window.close()
  gfx.quit()
end

local function colour(rgb)
  gfx.set(rgb[1], rgb[2], rgb[3], 1)
end

local function write(text, x, y, rgb)
  colour(rgb)
  gfx.x, gfx.y = x, y
  gfx.drawstr(text)
end

local function draw_row(row, y)
  local width = WIDTH - 2 * MARGIN
  write(row.name, MARGIN, y, TEXT)
  write(string.format("%d %%", math.floor(row.percent)), WIDTH - MARGIN - 44, y, TEXT)
  colour(TROUGH)
  gfx.rect(MARGIN, y + 19, width, 6, 1)
  colour(BAR)
  gfx.rect(MARGIN, y + 19, math.floor(width * row.percent / 100), 6, 1)
  write(row.message, MARGIN, y + 28, FAINT)
end

local function button_corner(rows)
  return WIDTH - MARGIN - BUTTON_WIDTH, MARGIN + rows * ROW + 4
end

local function draw_button(rows)
  local x, y = button_corner(rows)
  colour(TROUGH)
  gfx.rect(x, y, BUTTON_WIDTH, BUTTON_HEIGHT, 1)
  write("Cancel", x + 20, y + 4, TEXT)
end

--- Draw rows of {name, message, percent}.
function window.draw(rows)
  colour(BACK)
  gfx.rect(0, 0, gfx.w, gfx.h, 1)
  for i, row in ipairs(rows) do draw_row(row, MARGIN + (i - 1) * ROW) end
  draw_button(#rows)
  gfx.update()
end

-- True once per click that ends on the button.
local function clicked(rows)
  local down = gfx.mouse_cap & 1 == 1
  local released = pressed and not down
  pressed = down
  local x, y = button_corner(#rows)
  local inside = gfx.mouse_x >= x and gfx.mouse_x < x + BUTTON_WIDTH
    and gfx.mouse_y >= y and gfx.mouse_y < y + BUTTON_HEIGHT
  return released and inside
end

--- What the user did: "closed", "cancel" or nothing.
function window.event(rows)
  local key = gfx.getchar()
  if key == CLOSED or key == ESCAPE then return "closed" end
  if clicked(rows) then return "cancel" end
end

return window

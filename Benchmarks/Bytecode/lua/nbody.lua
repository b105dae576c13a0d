-- nbody.lua — n steps of five bodies under gravity (a problem of the Benchmarks Game).
local sm, dpy, sqrt = 4 * 3.141592653589793 ^ 2, 365.24, math.sqrt
local function body(x, y, z, vx, vy, vz, m)
  return {x = x, y = y, z = z, vx = vx * dpy, vy = vy * dpy, vz = vz * dpy, m = m * sm}
end
local b = {
  body(0, 0, 0, 0, 0, 0, 1),
  body(4.84143144246472090e+00, -1.16032004402742839e+00, -1.03622044471123109e-01,
    1.66007664274403694e-03, 7.69901118419740425e-03, -6.90460016972063023e-05,
    9.54791938424326609e-04),
  body(8.34336671824457987e+00, 4.12479856412430479e+00, -4.03523417114321381e-01,
    -2.76742510726411914e-03, 4.99852801234917238e-03, 2.30417297573763929e-05,
    2.85885980666130812e-04),
  body(1.28943695621391310e+01, -1.51111514016986312e+01, -2.23307578892655734e-01,
    2.96460137564761618e-03, 2.37847173959480950e-03, -2.96589568540237556e-05,
    4.36624404335156298e-05),
  body(1.53796971148509165e+01, -2.59193146099879641e+01, 1.79258772950371181e-01,
    2.68067772490389322e-03, 1.62824170038242295e-03, -9.51592254519715870e-05,
    5.15138902046611451e-05),
}
local function advance(dt)
  for i = 1, 5 do
    local p = b[i]
    for j = i + 1, 5 do
      local q = b[j]
      local dx, dy, dz = p.x - q.x, p.y - q.y, p.z - q.z
      local d2 = dx * dx + dy * dy + dz * dz
      local mag = dt / (d2 * sqrt(d2))
      p.vx, p.vy, p.vz = p.vx - dx * q.m * mag, p.vy - dy * q.m * mag, p.vz - dz * q.m * mag
      q.vx, q.vy, q.vz = q.vx + dx * p.m * mag, q.vy + dy * p.m * mag, q.vz + dz * p.m * mag
    end
  end
  for i = 1, 5 do
    local p = b[i]
    p.x, p.y, p.z = p.x + dt * p.vx, p.y + dt * p.vy, p.z + dt * p.vz
  end
end
local function energy()
  local e = 0
  for i = 1, 5 do
    local p = b[i]
    e = e + 0.5 * p.m * (p.vx * p.vx + p.vy * p.vy + p.vz * p.vz)
    for j = i + 1, 5 do
      local q = b[j]
      local dx, dy, dz = p.x - q.x, p.y - q.y, p.z - q.z
      e = e - p.m * q.m / sqrt(dx * dx + dy * dy + dz * dz)
    end
  end
  return e
end
local px, py, pz = 0, 0, 0
for i = 1, 5 do
  px, py, pz = px + b[i].vx * b[i].m, py + b[i].vy * b[i].m, pz + b[i].vz * b[i].m
end
b[1].vx, b[1].vy, b[1].vz = -px / sm, -py / sm, -pz / sm
for _ = 1, tonumber(arg[1]) do advance(0.01) end
local e = energy() * -1e9
print(string.format("%d", e - e % 1))

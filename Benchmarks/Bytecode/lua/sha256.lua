-- sha256.lua — SHA-256 of 4 KiB, n times; Lua 5.4.
local K = {[0] =
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
  0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
  0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
  0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
  0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
  0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
  0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
  0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
}
local H = {
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
}
local buf, w = {}, {}
for i = 0, 4095 do buf[i] = (i * 7 + (i >> 8)) & 255 end
local M = 0xffffffff
local function rotate(x, n) return ((x >> n) | (x << (32 - n))) & M end
local function block(o)
  for i = 0, 15 do
    local p = o + i * 4
    w[i] = buf[p] << 24 | buf[p + 1] << 16 | buf[p + 2] << 8 | buf[p + 3]
  end
  for i = 16, 63 do
    local x, y = w[i - 15], w[i - 2]
    local s0 = rotate(x, 7) ~ rotate(x, 18) ~ (x >> 3)
    local s1 = rotate(y, 17) ~ rotate(y, 19) ~ (y >> 10)
    w[i] = (w[i - 16] + s0 + w[i - 7] + s1) & M
  end
  local a, b, c, d, e, f, g, h = table.unpack(H)
  for i = 0, 63 do
    local S1 = rotate(e, 6) ~ rotate(e, 11) ~ rotate(e, 25)
    local t1 = h + S1 + ((e & f) ~ (~e & g)) + K[i] + w[i]
    local S0 = rotate(a, 2) ~ rotate(a, 13) ~ rotate(a, 22)
    local t2 = S0 + ((a & b) ~ (a & c) ~ (b & c))
    h, g, f, e, d, c, b, a = g, f, e, (d + t1) & M, c, b, a, (t1 + t2) & M
  end
  local t = {a, b, c, d, e, f, g, h}
  for i = 1, 8 do H[i] = (H[i] + t[i]) & M end
end
for _ = 1, tonumber(arg[1]) do
  for o = 0, 4095, 64 do block(o) end
end
local r = H[1] ~ H[8]
print(r >= 0x80000000 and r - 0x100000000 or r)

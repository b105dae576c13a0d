// lua.c — the Lua interpreter runs a script: tables, strings, closures, sorting.

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"
#include "text.h"

static const char script[] =
    "local rounds = ...\n"
    "local function queens(n)\n"
    "  local columns, up, down, found = {}, {}, {}, 0\n"
    "  local function place(row)\n"
    "    if row > n then found = found + 1 return end\n"
    "    for c = 1, n do\n"
    "      if not (columns[c] or up[row + c] or down[row - c]) then\n"
    "        columns[c], up[row + c], down[row - c] = true, true, true\n"
    "        place(row + 1)\n"
    "        columns[c], up[row + c], down[row - c] = nil, nil, nil\n"
    "      end\n"
    "    end\n"
    "  end\n"
    "  place(1)\n"
    "  return found\n"
    "end\n"
    "local function words(count)\n"
    "  local seed = 7\n"
    "  return function()\n"
    "    if count == 0 then return nil end\n"
    "    count = count - 1\n"
    "    seed = (seed * 1103515245 + 12345) % 2147483648\n"
    "    return string.format('w%03d', (seed >> 8) % 500)\n"
    "  end\n"
    "end\n"
    "local sum = 0\n"
    "for round = 1, rounds do\n"
    "  local counts, names = {}, {}\n"
    "  for word in words(2000) do\n"
    "    if not counts[word] then names[#names + 1] = word end\n"
    "    counts[word] = (counts[word] or 0) + 1\n"
    "  end\n"
    "  table.sort(names, function(a, b)\n"
    "    if counts[a] ~= counts[b] then return counts[a] > counts[b] end\n"
    "    return a < b\n"
    "  end)\n"
    "  local text = table.concat(names, ' '):gsub('w(%d)', '%1w'):upper()\n"
    "  for index = 1, #text, 7 do sum = (sum * 31 + text:byte(index)) % 1000000007 end\n"
    "  sum = sum + queens(6) + math.floor(math.sqrt(round) * 1000)\n"
    "end\n"
    "return sum\n";

ENTRY int run(int rounds) {
  lua_State *state = luaL_newstate();
  luaL_requiref(state, LUA_GNAME, luaopen_base, 1);
  luaL_requiref(state, LUA_STRLIBNAME, luaopen_string, 1);
  luaL_requiref(state, LUA_TABLIBNAME, luaopen_table, 1);
  luaL_requiref(state, LUA_MATHLIBNAME, luaopen_math, 1);
  if (luaL_loadstring(state, script) != LUA_OK) {
    __builtin_trap();
  }
  lua_pushinteger(state, rounds);
  lua_call(state, 1, 1);
  int sum = (int)lua_tointeger(state, -1);
  lua_close(state);
  return sum;
}

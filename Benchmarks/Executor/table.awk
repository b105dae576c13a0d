# table.awk — medians and ratios of a row: `round program figure` lines in, a Markdown table out.
# Variables: programs (ours begin with `nova`; each is divided by each peer), unit, repeats.

# Sorts values[1 … count].
function sort(values, count, i, j, value) {
  for (i = 2; i <= count; i++) {
    value = values[i]
    for (j = i - 1; j > 0 && values[j] > value; j--) values[j + 1] = values[j]
    values[j + 1] = value
  }
}
# The value at `share` of sorted values[1 … count].
function quantile(values, count, share) { return values[1 + int((count - 1) * share + 0.5)] }
function spread(values, count, digits, form) {
  sort(values, count)
  form = "%." digits "f (%." digits "f … %." digits "f)"
  return sprintf(form, quantile(values, count, 0.5), quantile(values, count, 0.25), \
    quantile(values, count, 0.75))
}

{
  key = $2 " " $1
  figures[key, ++count[key]] = $3 + 0
  if ($1 + 1 > rounds) rounds = $1 + 1
}
END {
  split(programs, names, " ")
  head = "| program | " unit " |"
  rule = "|---|---|"
  for (i = 1; i in names; i++) {
    for (round = 0; round < rounds; round++) {
      key = names[i] " " round
      if (count[key] != repeats) {
        print names[i] " failed in round " round > "/dev/stderr"
        exit 1
      }
      for (j = 1; j <= repeats; j++) values[j] = figures[key, j]
      sort(values, repeats)
      middle[i, round] = quantile(values, repeats, 0.5)
    }
    if (names[i] ~ /^nova/) continue
    head = head " to " names[i] " |"
    rule = rule "---|"
  }
  print head
  print rule
  digits = unit ~ /task|timer|^ns$/ ? 1 : 2
  for (i = 1; i in names; i++) {
    for (round = 0; round < rounds; round++) values[round + 1] = middle[i, round]
    line = "| " names[i] " | " spread(values, rounds, digits) " |"
    for (j = 1; j in names; j++) {
      if (names[j] ~ /^nova/) continue
      for (round = 0; round < rounds; round++) {
        ratios[round + 1] = middle[i, round] / middle[j, round]
      }
      line = line " " (i == j ? "1" : spread(ratios, rounds, 2)) " |"
    }
    print line
  }
}

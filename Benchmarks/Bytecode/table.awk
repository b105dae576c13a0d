# table.awk — medians and ratios: `round kernel engine seconds` lines in, Markdown tables out.
# Variables: engines; each but `base` (`ours` unless told) is divided by `base`, within a round;
# digits behind a ratio's point (2 unless told).

function sort(values, count, i, j, value) {
  for (i = 2; i <= count; i++) {
    value = values[i]
    for (j = i - 1; j > 0 && values[j] > value; j--) values[j + 1] = values[j]
    values[j + 1] = value
  }
}
function quantile(values, count, share) { return values[1 + int((count - 1) * share + 0.5)] }

{
  if (!($2 in known)) {
    known[$2] = ++kernelCount
    kernels[kernelCount] = $2
  }
  seconds[$2, $3, $1] = $4
  if ($1 + 1 > rounds) rounds = $1 + 1
}
END {
  if (base == "") base = "ours"
  if (digits == "") digits = 2
  number = "%." digits "f"
  spread = " (" number " … " number ") |"
  engineCount = split(engines, names, " ")
  head = "| kernel |"
  rule = "|---|"
  for (e = 1; e <= engineCount; e++) {
    head = head " " names[e] " |"
    rule = rule "---|"
  }
  print "## Seconds\n\n" head "\n" rule
  for (k = 1; k <= kernelCount; k++) {
    line = "| " kernels[k] " |"
    for (e = 1; e <= engineCount; e++) {
      for (r = 0; r < rounds; r++) values[r + 1] = seconds[kernels[k], names[e], r]
      sort(values, rounds)
      line = line sprintf(" %.3f |", quantile(values, rounds, 0.5))
    }
    print line
  }
  head = "| kernel |"
  rule = "|---|"
  for (e = 1; e <= engineCount; e++) if (names[e] != base) {
    head = head " " names[e] " |"
    rule = rule "---|"
  }
  print "\n## Ratios to " base "\n\n" head "\n" rule
  for (k = 1; k <= kernelCount; k++) {
    line = "| " kernels[k] " |"
    for (e = 1; e <= engineCount; e++) if (names[e] != base) {
      for (r = 0; r < rounds; r++) {
        ratio = seconds[kernels[k], names[e], r] / seconds[kernels[k], base, r]
        values[r + 1] = ratio
        logs[e, r] += log(ratio) / kernelCount
      }
      sort(values, rounds)
      line = line sprintf(" " number spread, quantile(values, rounds, 0.5), \
        quantile(values, rounds, 0.25), quantile(values, rounds, 0.75))
    }
    print line
  }
  line = "| **geometric mean** |"
  for (e = 1; e <= engineCount; e++) if (names[e] != base) {
    for (r = 0; r < rounds; r++) values[r + 1] = exp(logs[e, r])
    sort(values, rounds)
    line = line sprintf(" **" number "**" spread, quantile(values, rounds, 0.5), \
      quantile(values, rounds, 0.25), quantile(values, rounds, 0.75))
  }
  print line
}

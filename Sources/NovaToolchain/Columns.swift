// Columns.swift — rows of text set in columns.
// Hosted. Imports nothing.

/// Rows with columns of equal width; columns of numbers are set flush right.
func columns(_ rows: [[String]]) -> [String] {
  let columnCount = rows.map(\.count).max() ?? 0
  let widths = (0..<columnCount).map { column in
    rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
  }
  return rows.map { row in
    let cells = row.enumerated().map { column, cell in
      let padding = String(repeating: " ", count: widths[column] - cell.count)
      if UInt64(cell) != nil { return padding + cell }
      return column == row.count - 1 ? cell : cell + padding
    }
    return "  " + cells.joined(separator: "  ")
  }
}

// Memory.swift — loads and stores in every form of address.
// Hosted. Imports nothing. Design: NovaCore.docc/Operations.md.

extension OperationTable {
  /// What zero-extends to 64 bits has one operation: `i64.load32_u` is `i32.load`.
  static let loadNames: [(String, Access)] = [
    ("i32.load", Access(.i32, 4)),
    ("i32.load8_u", Access(.i32, 1)),
    ("i32.load8_s", Access(.i32, 1, isSigned: true)),
    ("i32.load16_u", Access(.i32, 2)),
    ("i32.load16_s", Access(.i32, 2, isSigned: true)),
    ("i64.load", Access(.i64, 8)),
    ("i64.load8_s", Access(.i64, 1, isSigned: true)),
    ("i64.load16_s", Access(.i64, 2, isSigned: true)),
    ("i64.load32_s", Access(.i64, 4, isSigned: true)),
    ("f32.load", Access(.f32, 4)),
    ("f64.load", Access(.f64, 8)),
  ]

  static let storeNames: [(String, Access)] = [
    ("i32.store", Access(.i32, 4)),
    ("i32.store8", Access(.i32, 1)),
    ("i32.store16", Access(.i32, 2)),
    ("i64.store", Access(.i64, 8)),
    ("f32.store", Access(.f32, 4)),
    ("f64.store", Access(.f64, 8)),
  ]

  /// A way to make an address, with the place of the value that it leaves room for.
  struct AddressForm {
    let suffix: String
    let value: Place
    let operands: [Operand]
    let address: Expression
    let memory: Place?
  }

  static func addressForms(_ byteCount: Int) -> [AddressForm] {
    var forms = [
      form("", [Operand(.b, .readInt), Operand(.c, .memoryOffset)], offset(.b, .c)),
      form(".wide", [Operand(.b, .readInt), Operand(.xlo, .memoryOffset)], offset(.b, .xlo)),
      AddressForm(
        suffix: ".far", value: .a,
        operands: [
          Operand(.b, .readInt), Operand(.xlo, .memoryOffset), Operand(.xhi, .memory),
        ], address: offset(.b, .xlo), memory: .xhi),
      form(".absolute", [Operand(.imm32, .memoryOffset)], .unsigned(.imm32).widened),
      form(
        ".indexed", [Operand(.b, .readInt), Operand(.c, .readInt)],
        Expression.i32(.b).plus(.i32(.c)).widened),
      form(
        ".wrapping", [Operand(.b, .readInt), Operand(.c, .signed)],
        Expression.i32(.b).plus(.signed(.c)).widened),
      AddressForm(
        suffix: ".summed", value: .a0,
        operands: [Operand(.a1, .readInt), Operand(.b, .readInt), Operand(.c, .memoryOffset)],
        address: Expression.i32(.a1).plus(.i32(.b)).widened.plus(.unsigned(.c, .i64)),
        memory: nil),
    ]
    if byteCount > 1 {
      let shift = UInt64(byteCount.trailingZeroBitCount)
      let scaled = Expression.i32(.c).shiftedLeft(.constant(shift, .i32))
      forms.append(
        form(
          ".scaled", [Operand(.b, .readInt), Operand(.c, .readInt)],
          Expression.i32(.b).plus(scaled).widened))
    }
    return forms
  }

  private static func form(
    _ suffix: String, _ operands: [Operand], _ address: Expression
  ) -> AddressForm {
    AddressForm(suffix: suffix, value: .a, operands: operands, address: address, memory: nil)
  }

  /// The low half of a register, and an offset that does not wrap.
  static func offset(_ base: Place, _ offset: Place) -> Expression {
    Expression.i32(base).widened.plus(.unsigned(offset, .i64))
  }

  static let loads: [Draft] = {
    var drafts: [Draft] = []
    for (name, access) in loadNames {
      for form in addressForms(access.byteCount) {
        drafts.append(
          Draft(
            name + form.suffix, [Operand(form.value, .write(access.kind))] + form.operands,
            [.set(form.value, .load(access, address: form.address, memory: form.memory))],
            forwardable: form.memory == nil ? nil : []))
      }
      drafts.append(
        Draft(
          name + ".shifted",
          [
            Operand(.a0, .write(access.kind)), Operand(.b, .readInt), Operand(.a1, .bits),
            Operand(.c, .memoryOffset),
          ],
          [
            .set(
              .a0,
              .load(
                access,
                address: Expression.i32(.b).shiftedLeft(.unsigned(.a1)).widened
                  .plus(.unsigned(.c, .i64)),
                memory: nil))
          ]))
    }
    return drafts
  }()

  static let stores: [Draft] = {
    var drafts: [Draft] = []
    for (name, access) in storeNames {
      for form in addressForms(access.byteCount) {
        drafts.append(
          Draft(
            name + form.suffix, [Operand(form.value, .read(access.kind))] + form.operands,
            [
              .store(
                access, address: form.address, memory: form.memory,
                value: .register(form.value, access.kind))
            ],
            forwardable: form.memory == nil ? nil : []))
      }
    }
    for (name, access) in storeNames where !access.kind.isFloat {
      for form in addressForms(access.byteCount) where ["", ".wrapping"].contains(form.suffix) {
        drafts.append(
          Draft(
            "\(name)i\(form.suffix)", [Operand(.a, .signed)] + form.operands,
            [
              .store(
                access, address: form.address, memory: nil, value: .signed(.a, access.kind))
            ]))
      }
    }
    return drafts
  }()
}

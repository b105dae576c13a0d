// matrices.h — the matrices of composite.c, which includes it after its checksums and numbers.

enum { SIDE = 12 };
static short a[SIDE][SIDE], b[SIDE][SIDE];
static i32 product[SIDE][SIDE];

static void matrix_fill(void) {
  for (i32 i = 0; i < SIDE; i++)
    for (i32 j = 0; j < SIDE; j++) {
      const u32 random = next_random();
      a[i][j] = (short)(random & 0x3ff);
      b[i][j] = (short)((random >> 10 & 0xfff) - 0x800);
    }
}

static __attribute__((noinline)) void matrix_add(short value) {
  for (i32 i = 0; i < SIDE; i++)
    for (i32 j = 0; j < SIDE; j++)
      a[i][j] = (short)(a[i][j] + value);
}

static __attribute__((noinline)) void matrix_scale(i32 value) {
  for (i32 i = 0; i < SIDE; i++)
    for (i32 j = 0; j < SIDE; j++)
      product[i][j] = a[i][j] * value;
}

static __attribute__((noinline)) void matrix_multiply(void) {
  for (i32 i = 0; i < SIDE; i++)
    for (i32 j = 0; j < SIDE; j++) {
      i32 sum = 0;
      for (i32 k = 0; k < SIDE; k++)
        sum += a[i][k] * b[k][j];
      product[i][j] = sum;
    }
}

static __attribute__((noinline)) void matrix_multiply_bits(void) {
  for (i32 i = 0; i < SIDE; i++)
    for (i32 j = 0; j < SIDE; j++) {
      u32 sum = 0;
      for (i32 k = 0; k < SIDE; k++) {
        const u32 term = (u32)(a[i][k] * b[k][j]);
        sum += (term >> 3 & 0x1f) * (term >> 7 & 0x7f);
      }
      product[i][j] = (i32)sum;
    }
}

static void matrix_transpose(void) {
  for (i32 i = 0; i < SIDE; i++)
    for (i32 j = i + 1; j < SIDE; j++) {
      const short kept = b[i][j];
      b[i][j] = b[j][i];
      b[j][i] = kept;
    }
}

// Counts rises and sums what stays below a limit, starting again above it.
static __attribute__((noinline)) u16 matrix_checksum(u16 crc, i32 limit) {
  i32 last = 0, sum = 0, rises = 0;
  for (i32 i = 0; i < SIDE; i++)
    for (i32 j = 0; j < SIDE; j++) {
      const i32 value = product[i][j];
      sum += value;
      if (sum > limit) {
        rises += 10;
        sum = 0;
      } else {
        rises += value > last;
      }
      last = value;
    }
  return crc_word(crc_word(crc, (u32)sum), (u32)rises);
}

// The determinant modulo a prime, by elimination: divisions and 64-bit products.
static u32 matrix_determinant(u32 prime) {
  static u32 m[SIDE][SIDE];
  u64 result = 1;
  for (i32 i = 0; i < SIDE; i++)
    for (i32 j = 0; j < SIDE; j++)
      m[i][j] = (u32)(a[i][j] & 0x7fff) % prime;
  for (i32 column = 0; column < SIDE; column++) {
    i32 pivot = column;
    while (pivot < SIDE && m[pivot][column] == 0)
      pivot++;
    if (pivot == SIDE)
      return 0;
    if (pivot != column) {
      result = prime - result;
      for (i32 j = 0; j < SIDE; j++) {
        const u32 kept = m[pivot][j];
        m[pivot][j] = m[column][j];
        m[column][j] = kept;
      }
    }
    result = result * m[column][column] % prime;
    u64 inverse = 1, base = m[column][column];
    for (u32 power = prime - 2; power; power >>= 1) {
      if (power & 1)
        inverse = inverse * base % prime;
      base = base * base % prime;
    }
    for (i32 row = column + 1; row < SIDE; row++) {
      const u64 factor = m[row][column] * inverse % prime;
      for (i32 j = column; j < SIDE; j++)
        m[row][j] = (u32)((m[row][j] + (prime - factor) * m[column][j]) % prime);
    }
  }
  return (u32)result;
}

static u16 matrix_round(u16 crc) {
  matrix_fill();
  matrix_add((short)(crc & 0xff));
  matrix_scale((crc & 15) + 2);
  crc = matrix_checksum(crc, 40000);
  matrix_multiply();
  crc = matrix_checksum(crc, 3000000);
  matrix_transpose();
  matrix_multiply_bits();
  crc = matrix_checksum(crc, 500000);
  return crc_word(crc, matrix_determinant(65521));
}

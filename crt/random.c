// random.c — random bytes and hash seeds: the same in every run, unless the program asks for
// entropy.
// Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators" (SplitMix64).

#if NOVA_FREESTANDING

#include "internal.h"

void arc4random_buf(void *bytes, size_t byte_count);

// Each stream goes on where it stopped, so that a second call gives other bytes. Hash seeds have
// their own, so that a number drawn earlier does not change the order of a dictionary.
struct stream {
  uint64_t drawn; // words, times the increment
};
static struct stream numbers, seeds;

static uint64_t next_word(struct stream *stream) {
  const uint64_t increment = 0x9e3779b97f4a7c15;
  // Threads share the stream; only the counter's own value matters.
  uint64_t word = __atomic_add_fetch(&stream->drawn, increment, __ATOMIC_RELAXED);
  if (stream == &seeds)
    word = ~word;
  word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9;
  word = (word ^ word >> 27) * 0x94d049bb133111eb;
  return word ^ word >> 31;
}

static void fill(struct stream *stream, unsigned char *bytes, size_t byte_count) {
  while (byte_count > 0) {
    const uint64_t word = next_word(stream);
    const size_t taken = byte_count < sizeof word ? byte_count : sizeof word;
    memcpy(bytes, &word, taken);
    bytes += taken;
    byte_count -= taken;
  }
}

static void fill_from_kernel(unsigned char *bytes, size_t byte_count) {
  static const char refused[] = "nova: the kernel refused random bytes (getrandom); use Linux 3.17 "
                                "or newer, or build without entropy\n";
  while (byte_count > 0) {
    const int64_t got =
        nova_syscall(NOVA_SYS_getrandom, (int64_t)bytes, (int64_t)byte_count, 0, 0, 0, 0);
    if (got == -NOVA_EINTR)
      continue;
    if (got <= 0) {
      nova_write(2, refused, sizeof refused - 1);
      __builtin_trap(); // never constants where the program asked for entropy
    }
    bytes += got;
    byte_count -= (size_t)got;
  }
}

void nova_random(void *bytes, size_t byte_count) {
  if (nova_start_record.entropy_policy == NOVA_ENTROPY_kernel)
    fill_from_kernel(bytes, byte_count);
  else
    fill(&numbers, bytes, byte_count);
}

void nova_hash_seed(void *bytes, size_t byte_count) {
  if (nova_start_record.entropy_policy == NOVA_ENTROPY_kernel)
    fill_from_kernel(bytes, byte_count);
  else
    fill(&seeds, bytes, byte_count);
}

// The older contract's one source, of seeds too.
[[gnu::weak]] void arc4random_buf(void *bytes, size_t byte_count) {
  nova_random(bytes, byte_count);
}

#endif

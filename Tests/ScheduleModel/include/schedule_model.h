// schedule_model.h — virtual threads over a model of memory, in which all that may happen is a
// choice.
//
// One virtual thread runs at a time. Before each atomic operation the search chooses who goes on;
// at a load, which of the stores that the thread may still see it sees; at a store, whether it
// stays in the thread's buffer for a while. The choices of a run are a path: a search tries paths
// at random or one after the other, and any path can be run again.

#ifndef SCHEDULE_MODEL_H
#define SCHEDULE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEARCH_THREAD_COUNT_MAX 4u
#define SEARCH_LOCATION_COUNT_MAX 16u // atomic words
#define SEARCH_STORE_COUNT_MAX 62u    // per atomic word and run
#define SEARCH_MEMORY_BYTE_COUNT 8192u
#define SEARCH_CHOICE_COUNT_MAX 4096u // per run

enum search_order {
  SEARCH_relaxed = 0,
  SEARCH_acquiring = 1,
  SEARCH_releasing = 2,
  SEARCH_acquiring_and_releasing = 3,
  SEARCH_sequentially_consistent = 4,
};

enum search_change { SEARCH_exchange, SEARCH_add, SEARCH_compare_exchange };

// Where an operation stands in the source: a name that lives forever, and a line.
struct search_site {
  const char *function;
  uint32_t line;
};

// What is done to an operation of a planted bug.
enum search_effect {
  SEARCH_unplanted = 0,
  SEARCH_relax,      // ordered as relaxed; a fence is left out
  SEARCH_unordered,  // sequentially consistent becomes acquiring and releasing
  SEARCH_tear,       // reads, lets others run, and writes
  SEARCH_leave_out,  // a wake-up does not happen
};

enum search_verdict {
  SEARCH_passed = 0,
  SEARCH_race,     // two threads touch a plain word, one writing, without order
  SEARCH_deadlock, // all that have not ended sleep
  SEARCH_livelock, // more steps than the limit
  SEARCH_wrong,    // the scenario said so
};

// How far a run may leave the default: the running thread goes on, a load sees the newest store, a
// store is seen at once.
struct search_limits {
  uint32_t switch_count, stale_count, delay_count;
  uint32_t step_count; // atomic operations of a run
};

struct search;

struct search *search_create(void);
void search_destroy(struct search *search);

// SEARCH_MEMORY_BYTE_COUNT bytes, aligned to 128 and zeroed by `search_reset`. Atomic and plain
// words of a run lie here.
void *search_memory(struct search *search);

// From now on, operations in functions of that name have the effect, those of `kind` only: 'l'oad,
// 's'tore, 'c'hange, 'f'ence, 'w'ake; and of `order` only, if it is not negative.
void search_plant(struct search *search, const char *function, char kind, int32_t order,
                  enum search_effect effect);

// Chooses at random, by the seed, or as the path says and then by default.
void search_at_random(struct search *search, uint64_t seed);
void search_along(struct search *search, const uint8_t *choices, size_t count);

// The next path in order, after a run: false when there is none.
bool search_advance(struct search *search);

void search_reset(struct search *search);

// Calls `body(context, k)` for each virtual thread k, and returns when all have returned or one
// did wrong. Until `search_reset`, operations outside of a run act on the memory directly.
enum search_verdict search_run(struct search *search, struct search_limits limits,
                               uint32_t thread_count, void (*body)(void *context, uint32_t thread),
                               void *context);

// Of the last run: what was wrong; its choices; its steps.
const char *search_message(const struct search *search);
size_t search_choices(const struct search *search, uint8_t *choices, size_t count_max);
uint32_t search_step_count(const struct search *search);

// ---- What virtual threads call ---------------------------------------------------------------

uint64_t search_load(const void *address, uint32_t byte_count, enum search_order order,
                     struct search_site site);
void search_store(void *address, uint32_t byte_count, uint64_t value, enum search_order order,
                  struct search_site site);
// What the word was; for an exchange after comparison, `expected` exactly when it took place.
uint64_t search_change(void *address, uint32_t byte_count, enum search_change change,
                       uint64_t operand, uint64_t expected, enum search_order order,
                       struct search_site site);
void search_fence(enum search_order order, struct search_site site);

// Notes that a plain word is touched.
void search_touch(const void *address, bool writes, struct search_site site);

// As nova_wait and nova_wake: false when the time is over.
bool search_wait(const void *address, uint32_t expected, bool forever, struct search_site site);
void search_wake(const void *address, uint32_t count, struct search_site site);

// The thread waits for another in a loop.
void search_pause(void);

// The scenario found `message`, which lives forever; does not return.
_Noreturn void search_fail(const char *message);

#endif

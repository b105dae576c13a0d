// machine.h — the state of a search, shared by its two halves: memory.c and schedule.c.

#ifndef MACHINE_H
#define MACHINE_H

#include "schedule_model.h"

#include <ucontext.h>

#define BUFFER_COUNT_MAX 4u // stores that a thread holds back
#define PLAIN_COUNT (SEARCH_MEMORY_BYTE_COUNT / 4u)

// What a thread knows of the others' steps: epoch by thread (Lamport; Mattern's vector clocks).
struct clock {
  uint16_t at[SEARCH_THREAD_COUNT_MAX];
};

// What a thread may still see: the oldest store by atomic word.
struct view {
  uint8_t at[SEARCH_LOCATION_COUNT_MAX];
};

// What passes from a release to an acquire.
struct knowledge {
  struct clock clock;
  struct view view;
};

struct store {
  uint64_t value;
  struct knowledge released; // what an acquiring reader learns
};

// An atomic word's stores, in modification order.
struct location {
  void *address;
  uint32_t byte_count;
  uint32_t count;
  struct store stores[SEARCH_STORE_COUNT_MAX];
};

struct delayed {
  uint32_t location;
  uint64_t value;
  bool releases;
  struct knowledge released;
};

enum state { ENDED, READY, WAITING };

struct thread {
  enum state state;
  bool stepped; // since its last pause
  bool timed_out;
  uint32_t waits_on; // location
  bool waits_forever;
  struct knowledge now;      // what it knows
  struct knowledge pending;  // what an acquiring fence would add
  struct knowledge released; // at its last releasing fence
  struct view own;           // its stores that have left the buffer
  uint32_t delayed_count;
  struct delayed delayed[BUFFER_COUNT_MAX]; // oldest first
  ucontext_t context;
  void *stack;
};

// Who touched a plain word last: threads' epochs, 0 for never.
struct plain {
  uint16_t writer, write_epoch;
  uint16_t read_epochs[SEARCH_THREAD_COUNT_MAX];
  struct search_site site;
};

enum budget { FREE, SWITCH, STALE, DELAY, BUDGET_COUNT };

struct choice {
  uint8_t chosen, count;
};

struct search {
  // Of the search.
  bool is_random;
  uint64_t random;
  struct choice path[SEARCH_CHOICE_COUNT_MAX];
  uint32_t path_count; // choices that are given
  const char *planted_function;
  char planted_kind;
  int32_t planted_order;
  enum search_effect planted_effect;
  // Of the run.
  bool runs;
  enum search_verdict verdict;
  char message[256];
  struct search_limits limits;
  uint32_t left[BUDGET_COUNT];
  uint32_t depth, step_count;
  uint32_t switch_chance; // of 256, at random
  void (*body)(void *context, uint32_t thread);
  void *body_context;
  uint32_t thread_count, current;
  struct thread threads[SEARCH_THREAD_COUNT_MAX];
  struct view sequential; // what the one order of sequentially consistent operations has reached
  uint32_t location_count;
  struct location locations[SEARCH_LOCATION_COUNT_MAX];
  uint8_t location_of[PLAIN_COUNT]; // by word of memory: 0, or one more than the location
  struct plain plain[PLAIN_COUNT];
  ucontext_t main;
  _Alignas(128) unsigned char memory[SEARCH_MEMORY_BYTE_COUNT];
};

// The search whose run is on this thread.
extern __thread struct search *search_current;

// Chooses below `count`; what is not 0 costs one of `budget`.
uint32_t search_choose(struct search *search, uint32_t count, enum budget budget);

// Lets others run before an operation of the current thread.
void search_point(struct search *search);

// Goes on with another thread; the current one is paused, waits or has ended.
void search_leave(struct search *search);

// Ends the run with a verdict.
_Noreturn void search_end(struct search *search, enum search_verdict verdict);

// Lets the oldest store, or all, of a thread's buffer be seen.
void search_commit_one(struct search *search, struct thread *thread);
void search_commit(struct search *search, struct thread *thread);

// Lets the thread see the newest stores only.
void search_refresh(struct search *search, struct thread *thread);

#endif

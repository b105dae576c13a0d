// schedule.c — who goes on: virtual threads as contexts of one thread, and the paths through them.
//
// Bounded exhaustive search after Musuvathi & Qadeer, "Iterative Context Bounding" (PLDI 2007):
// all paths that leave the default at most so many times.

#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STACK_BYTE_COUNT 0x40000u

struct search *search_create(void) {
  struct search *search = aligned_alloc(128, sizeof *search);
  if (!search)
    abort();
  memset(search, 0, sizeof *search);
  for (uint32_t i = 0; i < SEARCH_THREAD_COUNT_MAX; i++)
    if (!(search->threads[i].stack = malloc(STACK_BYTE_COUNT)))
      abort();
  return search;
}

void search_destroy(struct search *search) {
  for (uint32_t i = 0; i < SEARCH_THREAD_COUNT_MAX; i++)
    free(search->threads[i].stack);
  free(search);
}

void *search_memory(struct search *search) { return search->memory; }

void search_plant(struct search *search, const char *function, char kind, int32_t order,
                  enum search_effect effect) {
  search->planted_function = function;
  search->planted_kind = kind;
  search->planted_order = order;
  search->planted_effect = effect;
}

// ---- Choices ---------------------------------------------------------------------------------

void search_at_random(struct search *search, uint64_t seed) {
  search->is_random = true;
  search->random = seed;
  search->path_count = 0;
}

void search_along(struct search *search, const uint8_t *choices, size_t count) {
  search->is_random = false;
  search->path_count = (uint32_t)count;
  for (size_t i = 0; i < count; i++)
    search->path[i] = (struct choice){.chosen = choices[i]};
}

bool search_advance(struct search *search) {
  for (uint32_t depth = search->depth; depth-- > 0;) {
    struct choice *choice = &search->path[depth];
    if (choice->chosen + 1 < choice->count) {
      choice->chosen++;
      search->path_count = depth + 1;
      return true;
    }
  }
  return false;
}

// SplitMix64 (Steele, Lea & Flood, OOPSLA 2014).
static uint32_t draw(struct search *search, uint32_t count) {
  uint64_t mixed = search->random += 0x9e3779b97f4a7c15u;
  mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
  mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
  return (uint32_t)((mixed >> 32) * count >> 32);
}

uint32_t search_choose(struct search *search, uint32_t count, enum budget budget) {
  if (count <= 1 || search->left[budget] == 0)
    return 0;
  if (search->depth == SEARCH_CHOICE_COUNT_MAX) {
    snprintf(search->message, sizeof search->message, "the scenario has too many choices");
    search_end(search, SEARCH_wrong);
  }
  uint32_t chosen = 0;
  if (search->depth < search->path_count)
    chosen = search->path[search->depth].chosen;
  else if (search->is_random && (budget == FREE || draw(search, 256) < search->switch_chance))
    chosen = draw(search, count);
  if (chosen >= count) { // a path of another scenario
    snprintf(search->message, sizeof search->message, "the path does not belong to the scenario");
    search_end(search, SEARCH_wrong);
  }
  search->path[search->depth++] = (struct choice){(uint8_t)chosen, (uint8_t)count};
  if (chosen != 0 && budget != FREE)
    search->left[budget]--;
  return chosen;
}

size_t search_choices(const struct search *search, uint8_t *choices, size_t count_max) {
  const size_t count = search->depth < count_max ? search->depth : count_max;
  for (size_t i = 0; i < count; i++)
    choices[i] = search->path[i].chosen;
  return count;
}

const char *search_message(const struct search *search) { return search->message; }

uint32_t search_step_count(const struct search *search) { return search->step_count; }

// ---- Switching -------------------------------------------------------------------------------

_Noreturn void search_end(struct search *search, enum search_verdict verdict) {
  search->verdict = verdict;
  search->runs = false;
  setcontext(&search->main);
  abort();
}

_Noreturn void search_fail(const char *message) {
  struct search *search = search_current;
  snprintf(search->message, sizeof search->message, "%s", message);
  search_end(search, SEARCH_wrong);
}

static void enter(unsigned int low, unsigned int high) {
  struct search *search = (struct search *)((uintptr_t)high << 32 | low);
  search->body(search->body_context, search->current);
  search->threads[search->current].state = ENDED;
  search_leave(search);
  abort();
}

static void go_on_with(struct search *search, uint32_t next) {
  const uint32_t before = search->current;
  if (next == before)
    return;
  search->current = next;
  swapcontext(&search->threads[before].context, &search->threads[next].context);
}

static uint32_t round_robin(const struct search *search, uint32_t distance) {
  return (search->current + distance) % search->thread_count;
}

// Nobody is ready and no store is held back.
static void give_up(struct search *search) {
  uint32_t waiting = 0;
  for (uint32_t i = 0; i < search->thread_count; i++) {
    if (search->threads[i].state != WAITING)
      continue;
    waiting++;
    if (!search->threads[i].waits_forever) {
      search->threads[i].state = READY;
      search->threads[i].timed_out = true;
      return;
    }
  }
  if (waiting == 0)
    search_end(search, SEARCH_passed);
  snprintf(search->message, sizeof search->message,
           "%u threads sleep and nobody is left to wake them", waiting);
  search_end(search, SEARCH_deadlock);
}

// Chooses the next: the current thread first if it may go on, then the others in turn, then whose
// store is let out. `budget` is what another than the first costs.
static void choose_next(struct search *search, bool may_stay, enum budget budget) {
  while (true) {
    uint32_t candidates[2 * SEARCH_THREAD_COUNT_MAX];
    uint32_t count = 0;
    for (uint32_t i = may_stay ? 0 : 1; i < search->thread_count; i++) {
      const uint32_t thread = round_robin(search, i);
      if (search->threads[thread].state == READY)
        candidates[count++] = thread;
    }
    const uint32_t ready_count = count;
    for (uint32_t i = 0; i < search->thread_count; i++)
      if (search->threads[i].delayed_count)
        candidates[count++] = i;
    if (count == 0) {
      if (search->threads[search->current].state == READY)
        return;
      give_up(search);
      if (search->threads[search->current].state == READY)
        return;
      continue;
    }
    const uint32_t chosen = search_choose(search, count, budget);
    if (chosen >= ready_count) {
      search_commit_one(search, &search->threads[candidates[chosen]]);
      continue;
    }
    return go_on_with(search, candidates[chosen]);
  }
}

void search_point(struct search *search) {
  if (++search->step_count > search->limits.step_count) {
    snprintf(search->message, sizeof search->message, "no end after %u steps",
             search->limits.step_count);
    search_end(search, SEARCH_livelock);
  }
  choose_next(search, true, SWITCH);
}

void search_leave(struct search *search) { choose_next(search, false, FREE); }

void search_pause(void) {
  struct search *search = search_current;
  if (!search || !search->runs)
    return;
  struct thread *thread = &search->threads[search->current];
  if (!thread->stepped) // several pauses are one
    return;
  thread->stepped = false;
  for (uint32_t i = 1; i < search->thread_count; i++)
    if (search->threads[round_robin(search, i)].state == READY)
      return choose_next(search, false, SWITCH);
  // Alone: what others have stored is seen in the end.
  for (uint32_t i = 0; i < search->thread_count; i++)
    search_commit(search, &search->threads[i]);
  search_refresh(search, thread);
}

// ---- Running ---------------------------------------------------------------------------------

void search_reset(struct search *search) {
  memset(search->memory, 0, sizeof search->memory);
  memset(search->plain, 0, sizeof search->plain);
  memset(search->location_of, 0, sizeof search->location_of);
  search->location_count = 0;
  search_current = search;
}

static void prepare(struct search *search, uint32_t index) {
  struct thread *thread = &search->threads[index];
  void *stack = thread->stack;
  memset(thread, 0, offsetof(struct thread, context));
  thread->state = READY;
  getcontext(&thread->context);
  thread->context.uc_stack.ss_sp = stack;
  thread->context.uc_stack.ss_size = STACK_BYTE_COUNT;
  const uintptr_t address = (uintptr_t)search;
  makecontext(&thread->context, (void (*)(void))enter, 2, (unsigned int)address,
              (unsigned int)(address >> 32));
}

enum search_verdict search_run(struct search *search, struct search_limits limits,
                               uint32_t thread_count, void (*body)(void *context, uint32_t thread),
                               void *context) {
  search->limits = limits;
  search->left[FREE] = UINT32_MAX;
  search->left[SWITCH] = limits.switch_count;
  search->left[STALE] = limits.stale_count;
  search->left[DELAY] = limits.delay_count;
  search->depth = search->step_count = 0;
  search->body = body;
  search->body_context = context;
  search->thread_count = thread_count;
  search->message[0] = 0;
  search->verdict = SEARCH_passed;
  memset(&search->sequential, 0, sizeof search->sequential);
  for (uint32_t i = 0; i < thread_count; i++)
    prepare(search, i);
  // Between one in two and one in sixteen; a run that rarely switches gets further.
  if (search->is_random)
    search->switch_chance = 128u >> draw(search, 4);
  search->runs = true;
  getcontext(&search->main);
  if (search->runs) { // not yet back from `search_end`
    search->current = search_choose(search, thread_count, FREE);
    setcontext(&search->threads[search->current].context);
  }
  return search->verdict;
}

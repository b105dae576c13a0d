// memory.c — what a load may see: stores in order, and what each thread knows of them.
//
// A view machine after Kang, Hur, Lahav, Vafeiadis & Dreyer, "A Promising Semantics for
// Relaxed-Memory Concurrency" (POPL 2017), without promises: an atomic word keeps all its stores;
// a thread's view says which is the oldest that it may still see; release and acquire pass views
// on, and clocks with which plain accesses are checked for races (FastTrack, Flanagan & Freund,
// PLDI 2009). Stores may be held back in order, as in a store buffer (Owens, Sarkar & Sewell,
// x86-TSO, TPHOLs 2009).

#include "machine.h"

#include <stdio.h>
#include <string.h>

__thread struct search *search_current;

// ---- Knowledge -------------------------------------------------------------------------------

static void learn_view(struct view *to, const struct view *from) {
  for (uint32_t i = 0; i < SEARCH_LOCATION_COUNT_MAX; i++)
    if (to->at[i] < from->at[i])
      to->at[i] = from->at[i];
}

static void learn(struct knowledge *to, const struct knowledge *from) {
  learn_view(&to->view, &from->view);
  for (uint32_t i = 0; i < SEARCH_THREAD_COUNT_MAX; i++)
    if (to->clock.at[i] < from->clock.at[i])
      to->clock.at[i] = from->clock.at[i];
}

static bool acquires(enum search_order order) {
  return order == SEARCH_acquiring || order >= SEARCH_acquiring_and_releasing;
}

static bool releases(enum search_order order) { return order >= SEARCH_releasing; }

static bool is_sequential(enum search_order order) {
  return order == SEARCH_sequentially_consistent;
}

// ---- Places ----------------------------------------------------------------------------------

static uint64_t read_memory(const void *address, uint32_t byte_count) {
  uint64_t value = 0;
  memcpy(&value, address, byte_count); // little-endian
  return value;
}

static uint32_t word_of(const struct search *search, const void *address) {
  return (uint32_t)((const unsigned char *)address - search->memory) / 4;
}

static struct thread *running(struct search *search) { return &search->threads[search->current]; }

static _Noreturn void overflow(struct search *search, const char *what) {
  snprintf(search->message, sizeof search->message, "the scenario has too many %s", what);
  search_end(search, SEARCH_wrong);
}

// The location of an address; its first store is what the memory holds.
static uint32_t locate(struct search *search, const void *address, uint32_t byte_count) {
  uint8_t *known = &search->location_of[word_of(search, address)];
  if (*known)
    return *known - 1u;
  const uint32_t index = search->location_count;
  if (index == SEARCH_LOCATION_COUNT_MAX)
    overflow(search, "atomic words");
  search->location_count++;
  *known = (uint8_t)(index + 1);
  struct location *location = &search->locations[index];
  location->address = (void *)(uintptr_t)address;
  location->byte_count = byte_count;
  location->count = 1;
  location->stores[0] = (struct store){.value = read_memory(address, byte_count)};
  return index;
}

static enum search_effect effect(const struct search *search, char kind, struct search_site site,
                                 enum search_order order) {
  return search->planted_effect != SEARCH_unplanted && search->planted_kind == kind &&
                 (search->planted_order < 0 || search->planted_order == (int32_t)order) &&
                 strcmp(search->planted_function, site.function) == 0
             ? search->planted_effect
             : SEARCH_unplanted;
}

static enum search_order planted(const struct search *search, char kind, struct search_site site,
                                 enum search_order order) {
  switch (effect(search, kind, site, order)) {
  case SEARCH_relax: return SEARCH_relaxed;
  case SEARCH_unordered:
    if (is_sequential(order))
      return kind == 'l'   ? SEARCH_acquiring
             : kind == 's' ? SEARCH_releasing
                           : SEARCH_acquiring_and_releasing;
    return order;
  default: return order;
  }
}

// ---- Reading and writing ---------------------------------------------------------------------

static void read_store(struct search *search, uint32_t index, uint32_t store,
                       enum search_order order) {
  struct thread *thread = running(search);
  const struct knowledge *released = &search->locations[index].stores[store].released;
  thread->now.view.at[index] = (uint8_t)store;
  learn(acquires(order) ? &thread->now : &thread->pending, released);
}

static void append(struct search *search, struct thread *thread, uint32_t index, uint64_t value,
                   const struct knowledge *released) {
  struct location *location = &search->locations[index];
  if (location->count == SEARCH_STORE_COUNT_MAX)
    overflow(search, "stores to one word");
  const uint8_t store = (uint8_t)location->count++;
  location->stores[store] = (struct store){.value = value, .released = *released};
  location->stores[store].released.view.at[index] = store;
  thread->own.at[index] = store;
  thread->now.view.at[index] = store;
  memcpy(location->address, &value, location->byte_count);
}

void search_commit_one(struct search *search, struct thread *thread) {
  struct delayed oldest = thread->delayed[0];
  thread->delayed_count--;
  memmove(&thread->delayed[0], &thread->delayed[1],
          thread->delayed_count * sizeof thread->delayed[0]);
  // The thread's stores leave in order: what it releases includes those before.
  if (oldest.releases)
    learn_view(&oldest.released.view, &thread->own);
  append(search, thread, oldest.location, oldest.value, &oldest.released);
}

void search_commit(struct search *search, struct thread *thread) {
  while (thread->delayed_count)
    search_commit_one(search, thread);
}

void search_refresh(struct search *search, struct thread *thread) {
  for (uint32_t i = 0; i < search->location_count; i++)
    thread->now.view.at[i] = (uint8_t)(search->locations[i].count - 1);
}

// What a store of the running thread hands to acquiring readers.
static struct knowledge handed(struct search *search, enum search_order order) {
  struct thread *thread = running(search);
  return releases(order) ? thread->now : thread->released;
}

// Begins a step of the running thread.
static struct thread *step(struct search *search) {
  search_point(search);
  struct thread *thread = running(search);
  thread->now.clock.at[search->current]++;
  thread->stepped = true;
  return thread;
}

uint64_t search_load(const void *address, uint32_t byte_count, enum search_order order,
                     struct search_site site) {
  struct search *search = search_current;
  if (!search || !search->runs)
    return read_memory(address, byte_count);
  order = planted(search, 'l', site, order);
  struct thread *thread = step(search);
  const uint32_t index = locate(search, address, byte_count);
  for (uint32_t i = thread->delayed_count; i-- > 0;)
    if (thread->delayed[i].location == index)
      return thread->delayed[i].value;
  uint32_t oldest = thread->now.view.at[index];
  if (is_sequential(order) && oldest < search->sequential.at[index])
    oldest = search->sequential.at[index];
  const uint32_t newest = search->locations[index].count - 1;
  const uint32_t store = newest - search_choose(search, newest - oldest + 1, STALE);
  read_store(search, index, store, order);
  return search->locations[index].stores[store].value;
}

void search_store(void *address, uint32_t byte_count, uint64_t value, enum search_order order,
                  struct search_site site) {
  struct search *search = search_current;
  if (!search || !search->runs) {
    memcpy(address, &value, byte_count);
    return;
  }
  order = planted(search, 's', site, order);
  struct thread *thread = step(search);
  const uint32_t index = locate(search, address, byte_count);
  const struct knowledge released = handed(search, order);
  if (!is_sequential(order) && thread->delayed_count < BUFFER_COUNT_MAX &&
      search_choose(search, 2, DELAY) == 1) {
    thread->delayed[thread->delayed_count++] =
        (struct delayed){
            .location = index,
            .value = value,
            .releases = releases(order),
            .released = released,
        };
    return;
  }
  search_commit(search, thread);
  struct knowledge all = released;
  if (releases(order))
    learn_view(&all.view, &thread->own);
  append(search, thread, index, value, &all);
  if (is_sequential(order))
    search->sequential.at[index] = thread->now.view.at[index];
}

// A comparison may fail by a stale value that differs: which store it sees.
static uint32_t compared_store(struct search *search, uint32_t index, uint64_t expected,
                               enum search_order order) {
  const struct location *location = &search->locations[index];
  const uint32_t newest = location->count - 1;
  uint32_t oldest = running(search)->now.view.at[index];
  if (is_sequential(order) && oldest < search->sequential.at[index])
    oldest = search->sequential.at[index];
  uint32_t seen[SEARCH_STORE_COUNT_MAX] = {newest};
  uint32_t count = 1;
  for (uint32_t store = newest; store-- > oldest;)
    if (location->stores[store].value != expected)
      seen[count++] = store;
  return seen[search_choose(search, count, STALE)];
}

uint64_t search_change(void *address, uint32_t byte_count, enum search_change change,
                       uint64_t operand, uint64_t expected, enum search_order order,
                       struct search_site site) {
  struct search *search = search_current;
  const bool outside = !search || !search->runs;
  bool is_torn = false;
  uint64_t before;
  uint32_t index = 0;
  struct thread *thread = NULL;
  if (outside) {
    before = read_memory(address, byte_count);
  } else {
    is_torn = effect(search, 'c', site, order) == SEARCH_tear;
    order = planted(search, 'c', site, order);
    thread = step(search);
    search_commit(search, thread);
    index = locate(search, address, byte_count);
    uint32_t store = search->locations[index].count - 1;
    if (change == SEARCH_compare_exchange)
      store = compared_store(search, index, expected, order);
    before = search->locations[index].stores[store].value;
    const bool fails = change == SEARCH_compare_exchange && before != expected;
    // A comparison that fails is read relaxed.
    read_store(search, index, store, fails ? SEARCH_relaxed : order);
  }
  if (change == SEARCH_compare_exchange && before != expected)
    return before;
  uint64_t after = change == SEARCH_add ? before + operand : operand;
  if (byte_count == 4)
    after = (uint32_t)after;
  if (outside) {
    memcpy(address, &after, byte_count);
    return before;
  }
  struct knowledge released = handed(search, order);
  // A change continues the release sequence of the store that it read.
  learn(&released, &search->locations[index].stores[search->locations[index].count - 1].released);
  if (is_torn)
    search_point(search);
  append(search, thread, index, after, &released);
  if (is_sequential(order))
    search->sequential.at[index] = thread->now.view.at[index];
  return before;
}

void search_fence(enum search_order order, struct search_site site) {
  struct search *search = search_current;
  if (!search || !search->runs)
    return;
  order = planted(search, 'f', site, order);
  struct thread *thread = step(search);
  if (acquires(order))
    learn(&thread->now, &thread->pending);
  // Real CPUs need not wait at a release; that others see the stores late is modelled by their
  // stale loads too.
  if (releases(order))
    search_commit(search, thread);
  if (is_sequential(order)) {
    learn_view(&thread->now.view, &search->sequential);
    learn_view(&search->sequential, &thread->now.view);
  }
  if (releases(order))
    thread->released = thread->now;
}

// ---- Plain words -----------------------------------------------------------------------------

static _Noreturn void race(struct search *search, const struct plain *plain, uint32_t other,
                           struct search_site site) {
  snprintf(search->message, sizeof search->message,
           "%s:%u on thread %u and %s:%u on thread %u touch a plain word without order",
           site.function, site.line, search->current, plain->site.function, plain->site.line,
           other);
  search_end(search, SEARCH_race);
}

void search_touch(const void *address, bool writes, struct search_site site) {
  struct search *search = search_current;
  if (!search || !search->runs)
    return;
  struct thread *thread = running(search);
  struct clock *clock = &thread->now.clock;
  struct plain *plain = &search->plain[word_of(search, address)];
  clock->at[search->current]++;
  if (plain->write_epoch > clock->at[plain->writer])
    race(search, plain, plain->writer, site);
  if (writes) {
    for (uint32_t other = 0; other < search->thread_count; other++)
      if (plain->read_epochs[other] > clock->at[other])
        race(search, plain, other, site);
    plain->writer = (uint16_t)search->current;
    plain->write_epoch = clock->at[search->current];
  } else {
    plain->read_epochs[search->current] = clock->at[search->current];
  }
  plain->site = site;
}

// ---- Waiting ---------------------------------------------------------------------------------

// The kernel looks at the word itself, after what the thread has stored.
bool search_wait(const void *address, uint32_t expected, bool forever, struct search_site site) {
  (void)site;
  struct search *search = search_current;
  if (!search || !search->runs)
    return true;
  struct thread *thread = step(search);
  search_commit(search, thread);
  const uint32_t index = locate(search, address, 8);
  const struct location *location = &search->locations[index];
  if ((uint32_t)location->stores[location->count - 1].value != expected)
    return true;
  thread->state = WAITING;
  thread->waits_on = index;
  thread->waits_forever = forever;
  thread->timed_out = false;
  search_leave(search);
  return !thread->timed_out;
}

void search_wake(const void *address, uint32_t count, struct search_site site) {
  struct search *search = search_current;
  if (!search || !search->runs)
    return;
  struct thread *thread = step(search);
  if (effect(search, 'w', site, SEARCH_relaxed) == SEARCH_leave_out)
    return;
  search_commit(search, thread);
  const uint32_t index = locate(search, address, 8);
  for (; count != 0; count--) {
    uint32_t waiting[SEARCH_THREAD_COUNT_MAX];
    uint32_t waiting_count = 0;
    for (uint32_t i = 0; i < search->thread_count; i++)
      if (search->threads[i].state == WAITING && search->threads[i].waits_on == index)
        waiting[waiting_count++] = i;
    if (waiting_count == 0)
      return;
    search->threads[waiting[search_choose(search, waiting_count, FREE)]].state = READY;
  }
}

// One lock for searches that run side by side and changes that do not.
#pragma once

#include <pthread.h>

/// Lets changes go first: under a steady load of searches they would otherwise wait for ever.
class Lock {
 public:
  Lock() {
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
#if defined(__GLIBC__)
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
#endif
    pthread_rwlock_init(&lock_, &attributes);
    pthread_rwlockattr_destroy(&attributes);
  }
  ~Lock() { pthread_rwlock_destroy(&lock_); }
  Lock(const Lock &) = delete;
  void lock() { pthread_rwlock_wrlock(&lock_); }
  void lock_shared() { pthread_rwlock_rdlock(&lock_); }
  void unlock() { pthread_rwlock_unlock(&lock_); }

 private:
  pthread_rwlock_t lock_;
};

struct Searching {
  explicit Searching(Lock &lock) : lock(lock) { lock.lock_shared(); }
  ~Searching() { lock.unlock(); }
  Lock &lock;
};

struct Changing {
  explicit Changing(Lock &lock) : lock(lock) { lock.lock(); }
  ~Changing() { lock.unlock(); }
  Lock &lock;
};

# Under ThreadSanitizer, a CAF that is not instrumented hides how its actors hand messages to each other:
# every message would look like a race. Whoever sets CAF_ROOT wants actors tested, and gets one that is.
if(MOOR_SANITIZE MATCHES "thread" AND CAF_ROOT)
  file(STRINGS ${CAF_core_LIBRARY} moor_caf_marks REGEX "__tsan_init" LIMIT_COUNT 1)
  if(NOT moor_caf_marks)
    message(FATAL_ERROR "${CAF_core_LIBRARY} is not built for ThreadSanitizer. "
                        "Run scripts/build-caf-tsan, then configure with --fresh.")
  endif()
endif()

#include "moor/ctl/help.hpp"

namespace moor::ctl {

const std::string_view about_moorctl
  = "moorctl looks at what a program with moor's connection pools would do, and does:\n"
    "whether its settings hold and its server can be reached, and how a running one is.";

const std::string_view about_check
  = "Reads the settings as a program with moor would, connects to the server once, and\n"
    "says what was found: each setting that was given with its source, each step of the\n"
    "connection with its time, the server, and what had better be changed.";

const std::string_view about_config
  = "Prints the settings in force, each with its source, or a file to fill in. Secrets\n"
    "are redacted. Connects to nothing.";

const std::string_view about_top
  = "Shows a running component live: its pools, who holds their connections, how long\n"
    "requests wait, what is slow. ADDRESS is where it serves HTTP (its setting\n"
    "http-listen). On a terminal it refreshes in place until q or Ctrl-C; anywhere else\n"
    "it prints one snapshot and ends.";

const std::string_view after_moorctl = R"(
Settings come from where a program with moor takes them: the arguments
--moor.KEY=VALUE, the environment (MONGODB_URI, DB_POOL_SIZE, ...), a TOML file
(--moor.config=FILE, MOOR_CONFIG), the connection string, and a profile.
`moorctl config` lists them all.

Examples:
  MONGODB_URI=mongodb://db.example/ moorctl check
  moorctl config --moor.profile=production
  moorctl top 127.0.0.1:9464

Every command explains itself: moorctl check --help, man moorctl-check.

Exit codes:
  0  all is well (or warned of, without --strict)
  1  the server, or the component to be watched, cannot be reached or used
  2  wrong arguments
  3  settings that are refused
  4  with --strict: it works, but there are warnings
  5  standard output cannot be written to
)";

const std::string_view after_check = R"(
A connection string with a password is not taken as an argument, where every user of
the machine could read it: give it by the environment variable MONGODB_URI, or in a
file that MONGODB_URI_FILE names.

Any setting may be given as --moor.KEY=VALUE, as to the program itself.

Examples:
  moorctl check mongodb://127.0.0.1/          is the server there?
  moorctl check                               with the settings of the environment
  moorctl check --moor.profile=production --strict
                                              before a roll-out: warnings count, too
  moorctl check --timeout 3s --json | jq .connection.steps
                                              for scripts

Exit codes: 0 fine, 1 cannot connect, 2 wrong arguments, 3 settings refused,
4 warnings (only with --strict), 5 standard output cannot be written to.
)";

const std::string_view after_config = R"(
Any setting may be given as --moor.KEY=VALUE, as to the program itself.

Examples:
  moorctl config                              all settings and where each comes from
  moorctl config --given                      only those that are no defaults
  moorctl config --json | jq '.settings[] | select(.key == "max-pool-size")'
  moorctl config --moor.profile=production --write-template > moor.toml

Exit codes: 0 fine, 2 wrong arguments, 3 settings refused (they are printed, too),
5 standard output cannot be written to.
)";

const std::string_view after_top = R"(
Keys: q ends it, so does Ctrl-C.

Examples:
  moorctl top                                 this machine, port 9464
  moorctl top 10.0.0.7:9464 --interval 5s
  moorctl top https://db-gateway:9464 --user ops --password-file ~/.moor-password
  moorctl top --json | jq '.pools[].view.stats.waiting'

Exit codes: 0 ended by its user, or a snapshot was printed; 1 no snapshot could be had,
or the component refuses user and password; 2 wrong arguments; 5 standard output
cannot be written to.
)";

} // namespace moor::ctl

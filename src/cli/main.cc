#include <unistd.h>

#include "cli/command.h"

// Ends without destructors: output that nobody reads may still have a thread
// waiting to write it.
int main(int argc, char** argv) {
  _exit(molotov::cli::command(argc, argv));
}

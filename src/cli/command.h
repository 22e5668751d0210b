// The command `molotov`, from its arguments to its exit status.
#pragma once

namespace molotov::cli {

// Runs it; returns the exit status. A thread may still be writing when this
// returns, if a second Ctrl+C ended the wait for a slow reader: end the process
// by _exit().
int command(int argc, char** argv);

}  // namespace molotov::cli

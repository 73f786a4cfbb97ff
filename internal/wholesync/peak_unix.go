//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peakMemory is the largest resident memory of a process that has ended, in bytes.
func peakMemory(state *os.ProcessState) int64 {
	used, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(used.Maxrss) //nolint:unconvert,nolintlint // an int32 on some systems
	}
	return int64(used.Maxrss) << 10 //nolint:unconvert,nolintlint // an int32 on some systems
}

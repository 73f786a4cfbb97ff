package main

import (
	"maps"
	"slices"
)

// The interfaces of 云之家 that people can be read by.
const (
	sourceFeed      = "feed"      // of an app: getallpersons
	sourceDirectory = "directory" // openimport: person/getall
)

func sourceNames() []string { return []string{sourceFeed, sourceDirectory} }

// settingsOf are the variables that make the engine's program read by a source.
func settingsOf(source string) []string {
	if source == sourceDirectory {
		return []string{"YUNZHIJIA_SYNC_SECRET=key-of-yunzhijia"}
	}
	return []string{"YUNZHIJIA_APP_ID=500000001", "YUNZHIJIA_APP_SECRET=secret-of-yunzhijia"}
}

// calls counts the requests to 云之家 by interface, tokens left out.
func calls(exchanges []exchange) map[string]int {
	counts := map[string]int{}
	for _, e := range exchanges {
		if e.Call != "" {
			counts[e.Call]++
		}
	}
	return counts
}

// callsTable has a line for each scenario and a column for each interface that any of them called.
func callsTable(results []*result) string {
	all := map[string]bool{}
	for _, r := range results {
		for name := range r.calls {
			all[name] = true
		}
	}
	names := slices.Sorted(maps.Keys(all))
	lines := [][]string{append([]string{"calls"}, names...)}
	for _, r := range results {
		line := []string{r.scenario.title}
		for _, name := range names {
			line = append(line, grouped(r.calls[name]))
		}
		lines = append(lines, line)
	}
	return markdown(lines)
}

// What the engine's program asks for: people and side jobs on a page.
const (
	directoryPeople = 500
	directoryJobs   = 1000
	// readAhead is how many pages of people may be asked for beyond the last one, because
	// several are asked for at the same time.
	readAhead = 8
)

// pages is how many pages a list has that are read from the last record of the page before
// them, and end with one that has nothing new.
func pages(records, count int) int {
	if records <= 1 {
		return 1
	}
	n, read := 1, min(records, count)
	for read < records {
		n++
		read += min(count-1, records-read)
	}
	return n + 1
}

// wantCalls are the least and the most calls of a scenario, by interface of openimport: as many
// as there are pages, and no call per person.
func (s scenario) wantCalls(c company) map[string][2]int {
	exactly := func(n int) [2]int { return [2]int{n, n} }
	want := map[string][2]int{
		"dept/getall":               exactly(1),
		"company/queryPartTimeJobs": exactly(pages(c.sideJobs(), directoryJobs)),
	}
	if s.name == scenarioFirst || s.name == scenarioFull {
		n := pages(c.people, directoryPeople)
		want["person/getall"] = [2]int{n, n + readAhead}
		return want
	}
	changed := s.edition.count(c)
	want["dept/getAtTime"] = exactly(1)
	want["person/getAtTime"] = exactly(pages(changed, directoryPeople))
	if changed > 0 {
		want["person/get"] = exactly((changed + maxDirectoryIDs - 1) / maxDirectoryIDs)
	}
	return want
}

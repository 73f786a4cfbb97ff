package orgsync_test

import (
	"slices"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

// badChronicle is what follows a first run, and breaks a rule.
type badChronicle struct {
	rule, name string
	events     []event
}

func run(events ...[]event) []event {
	return append([]event{beginning(nil)}, slices.Concat(events...)...)
}

func badChronicles() []badChronicle {
	one := func(events ...event) []event { return events }
	gone := listed(someone("b", answerActive))
	controls := one(asked("b", answerActive), asked("made up", answerUnclear))
	leftA := listed(someone("a", answerLeft), someone("b", answerActive))
	approval := func(e event) []event {
		return append(one(event{Kind: kindPlan, Digest: "D", Plan: []target1{{"t", []orgsync.Change{{
			Op: orgsync.OpRemovePeople, Action: orgsync.Delete, Entity: orgmodel.EntityPerson, ID: "a",
		}}}}}), e)
	}
	strict := func(f *runFacts) {
		l := orgsync.DefaultLimits()
		l.People, l.Created = orgsync.Limit{Absolute: 1, Share: 1, Small: 1}, orgsync.Limit{Absolute: 1, Share: 1, Small: 1}
		f.Limits = &l
	}
	takeBoth := one(tree(), listed(someone("a", answerLeft), someone("b", answerLeft)), asked("a", answerLeft), asked("b", answerLeft),
		called(9, "t", "removePeople", off("a", ""), off("b", "")), answered(9, "t", outcomeOK, outcomeOK),
		holding("t", "a", orgsync.Known{Hash: "1", Gone: true}), holding("t", "b", orgsync.Known{Hash: "2", Gone: true}), ended(""))
	return []badChronicle{
		{"I1", "no people", run(one(tree(), listed(), called(9, "t", "updatePeople", record("a", ""))))},
		{"I1", "no departments", run(one(event{Kind: kindDepartments}, feed(someone("a", answerActive)), called(9, "t", "updatePeople", record("a", ""))))},
		{"I2", "broken off", run(one(tree(), event{Kind: kindPeople, Error: "cut"}, called(9, "t", "updatePeople", record("a", ""))))},
		{"I2", "rows set aside", run(one(tree(), event{Kind: kindPeople, Rows: gone.Rows, Refused: []string{"a"}}), controls, one(asked("a", answerUnclear), called(9, "t", "removePeople", off("a", ""))))},
		{"I2", "incremental", run(one(tree(), feed()), controls, one(asked("a", answerUnclear), called(9, "t", "removePeople", off("a", ""))))},
		{"I5", "another person's", run(both(), one(asked("x", answerLeft), called(9, "t", "removePeople", off("x", ""))))},
		{"I5", "another person's number", run(one(tree(), leftA, asked("a", answerLeft), called(9, "r", "removePeople", off("a", "N99"))))},
		{"I6", "a removal first", run(one(tree(), leftA, asked("a", answerLeft), called(9, "t", "removePeople", off("a", "")), called(10, "t", "updatePeople", record("b", ""))))},
		{"I8/I9", "another moment", run(both(), one(marked(12)))},
		{"I8/I9", "from elsewhere", run(one(tree(), event{Kind: kindPeople, Since: markAt(3), UpTo: markAt(11)}))},
		{"I8/I9", "back", run(one(tree(), event{Kind: kindPeople, Since: markAt(10), UpTo: markAt(9)}, marked(9)))},
		{"I12", "a mobile from nowhere", run(both(), one(called(9, "t", "updatePeople", sent{ID: "a", Active: true, Fields: map[string]string{"mobile": "mb"}})))},
		{"I15", "forgotten", run(both(), one(event{Kind: kindWrite, Stored: []stored{{Bucket: "p", Key: "a", Target: "t", Entity: "person", Deleted: true}}}))},
		{"I15", "not told of a return", append(run(one(tree(), leftA, asked("a", answerLeft), called(9, "t", "removePeople", off("a", "")), answered(9, "t", outcomeOK),
			holding("t", "a", orgsync.Known{Hash: "3", Gone: true}), ended(""))), run(both(), one(ended("")))...)},
		{"I17", "asked after a call", run(both(), one(called(9, "t", "updatePeople", record("a", "")), asked("a", answerActive)))},
		{"I17", "a child first", run(both(), one(called(9, "t", "addDepartments", sent{ID: "e", Parent: "d", Active: true}, sent{ID: "d", Active: true})))},
		{"I19", "sent again", run(both(), one(called(9, "t", "updatePeople", record("a", ""))))},
		{"I20/I38", "two calls", run(both(), one(event{Kind: kindLost}, called(9, "t", "updatePeople", record("a", "")), called(10, "t", "updatePeople", record("b", ""))))},
		{"I21", "a blank number", run(one(tree(), feed(row{ID: "a", Status: answerActive}), called(9, "r", "updatePeople", record("a", "a"))))},
		{"I21", "one that no one gave", run(both(), one(called(9, "k", "updatePeople", record("a", "N7"))))},
		{"I22", "no successor", run(both(), one(called(9, "r", "updatePeople", record("a", "N7")), answered(9, "r", outcomeOpen), called(10, "r", "removePeople", off("a", "Na"))))},
		{"I23", "no control", run(one(tree(), gone, asked("a", answerUnclear), called(9, "t", "removePeople", off("a", ""))))},
		{"I23", "the control is answered otherwise", run(one(tree(), gone, asked("b", answerActive), asked("made up", answerFailed), asked("a", answerUnclear), called(9, "t", "removePeople", off("a", ""))))},
		{"I23", "permission", run(one(tree(), gone, asked("b", answerActive), asked("made up", answerUnclear),
			event{Kind: kindPoint, Entity: "person", ID: "a", Answer: answerUnclear, Signature: "无权限"}, called(9, "t", "removePeople", off("a", ""))))},
		{"I24", "not asked", run(one(tree(), leftA, called(9, "t", "removePeople", off("a", ""))))},
		{"I24", "contradicted", run(one(tree(), leftA, asked("a", answerActive), called(9, "t", "removePeople", off("a", ""))))},
		{"I24", "in service", run(both(), one(asked("a", answerLeft), called(9, "t", "removePeople", off("a", ""))))},
		{"I22/I37", "disabled", run(both(), one(called(9, "r", "removePeople", off("a", "Na")), answered(9, "r", outcomeOK)))},
		{"I22/I37", "as a leaver's", run(one(tree(), leftA, asked("a", answerLeft), called(9, "r", "removePeople", off("a", "Nb")), answered(9, "r", outcomeOK)))},
		{"I22/I37", "a number typed wrong", run(both(), one(called(9, "r", "updatePeople", record("b", "Na")), answered(9, "r", outcomeOpen)))},
		{"I22/I37", "an exchange that failed", run(both(), one(called(9, "r", "updatePeople", record("a", "Nb"), record("b", "Na")), answered(9, "r", outcomeOK, outcomeRejected), ended("")))},
		{"I22/I37", "not in a replacement", run(both(), one(called(9, "t", opReplace), event{Kind: kindAnswer, Call: 9, Target: "t", Op: opReplace, Items: []sent{off("a", "")}, Outcomes: []string{outcomeOK}}))},
		{"I25", "waits for others", run(one(tree(), leftA, asked("a", answerLeft), ended("reading")))},
		{"I27", "accepted", run(one(tree(), gone, asked("a", answerActive), marked(11)))},
		{"I27", "slid", run(one(tree(), event{Kind: kindPeople, Rows: both()[1].Rows, UpTo: markAt(11), Slid: true}, marked(11)))},
		{"I28", "no one", run(both(), one(event{Kind: kindEnd, Named: map[string][]string{"new": nil}, Quiet: true}))},
		{"I30", "elsewhere", run(both(), one(event{Kind: kindCall, Call: 9, Target: "t", Op: "updatePeople", Destination: "elsewhere"}))},
		{"I31", "unasked", run(both(), one(called(9, "t", opReplace)))},
		{"I32", "two of two", append(one(beginning(strict)), takeBoth...)},
		{"I32", "created", append(one(
			event{Kind: kindWrite, Stored: []stored{{Bucket: "targets", Key: "t", Settled: &orgsync.StoredTarget{Started: true}}}},
			beginning(strict)), tree(), listed(someone("a", answerActive), someone("b", answerActive), someone("c", answerActive), someone("d", answerActive)),
			called(9, "t", "addPeople", record("c", ""), record("d", "")), answered(9, "t", outcomeOK, outcomeOK), ended(""))},
		{"I33", "a blank mobile", run(both(), one(called(9, "t", "updatePeople", sent{ID: "a", Active: true, Fields: map[string]string{"mobile": ""}})))},
		{"I36", "one who joined", append(approval(beginning(func(f *runFacts) { strict(f); f.Approve = "D" })), takeBoth...)},
		{"I37", "taken for done", run(both(), one(called(9, "t", "updatePeople", sent{ID: "a", Active: true, Digest: "x"}), answered(9, "t", outcomeOpen), holding("t", "a", orgsync.Known{Hash: "9"})))},
		{"I37", "not noted", run(both(), one(called(9, "t", "updatePeople", sent{ID: "a", Active: true, Digest: "x"}), answered(9, "t", outcomeOK), ended("")))},
		{"I37", "gone without a call", run(both(), one(holding("t", "a", orgsync.Known{Hash: "1", Gone: true})))},
		{"I37", "another key", run(both(), one(called(9, "r", "updatePeople", sent{ID: "a", Key: "Na", Active: true, Digest: "x"}), answered(9, "r", outcomeOK), holding("r", "a", orgsync.Known{Hash: "9", Key: "Nz"})))},
		{"I38", "forgotten", run(both(), one(holding("t", "a", orgsync.Known{}), ended("")))},
		{"I38", "not sent after a takeover", run(one(event{Kind: kindWrite, Stored: []stored{{Bucket: "p", Key: "a", Target: "t", Entity: "person", Known: &orgsync.Known{}, Again: true}}}), both(),
			one(called(9, "t", "updatePeople", sent{ID: "b", Active: true, Digest: "x"}), answered(9, "t", outcomeOK), holding("t", "b", orgsync.Known{Hash: "9"}), ended("")))},
		{"dry", "a write", append(one(beginning(func(f *runFacts) { f.DryRun = true })), marked(10))},
		{"plan", "not in the plan", append(one(event{Kind: kindPlan, Plan: []target1{{Name: "t"}}}, beginning(func(f *runFacts) { f.Clean = true })),
			called(9, "t", "updatePeople", sent{ID: "a", Active: true, Digest: "x"}), answered(9, "t", outcomeOK), holding("t", "a", orgsync.Known{Hash: "9"}), ended(""))},
	}
}

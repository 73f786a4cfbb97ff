package yunzhijia

import (
	"context"
	"fmt"
	"iter"
	"log/slog"

	"github.com/orgbridge/orgbridge/internal/redact"
	"github.com/orgbridge/orgbridge/internal/wire"
)

// SideJob says that a person also works in a department beside the main one (兼职). It
// prints with ids alone.
type SideJob struct {
	OpenID   string `json:"openId"`
	OrgID    string `json:"orgId"`
	JobTitle string `json:"jobTitle"` // titles in that department, joined by ","
	Weights  int64  `json:"weights"`  // 2147483647: none was given
}

// LogValue shows ids.
func (j SideJob) LogValue() slog.Value {
	return slog.GroupValue(slog.String("openId", j.OpenID), slog.String("orgId", j.OrgID))
}

// Format prints [SideJob.LogValue] whatever the verb.
func (j SideJob) Format(f fmt.State, _ rune) { redact.Format(f, "yunzhijia.SideJob", j.LogValue()) }

// Job is a person's place in one department. It prints with the id alone.
type Job struct {
	OrgID    string `json:"orgId"`
	JobTitle string `json:"jobTitle"`
	Weights  int64  `json:"weights"`
}

// LogValue shows the department's id.
func (j Job) LogValue() slog.Value { return slog.GroupValue(slog.String("orgId", j.OrgID)) }

// Format prints [Job.LogValue] whatever the verb.
func (j Job) Format(f fmt.State, _ rune) { redact.Format(f, "yunzhijia.Job", j.LogValue()) }

// PersonJobs are all departments of a person. It prints with ids and numbers alone.
type PersonJobs struct {
	OpenID string `json:"openId"`
	Main   Job    `json:"masterInfo"` // zero for someone without a department
	Sides  []Job  `json:"slaveInfos"` // 兼职
}

// LogValue shows ids and the number of side jobs.
func (j PersonJobs) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("openId", j.OpenID), slog.String("orgId", j.Main.OrgID), slog.Int("sides", len(j.Sides)))
}

// Format prints [PersonJobs.LogValue] whatever the verb.
func (j PersonJobs) Format(f fmt.State, _ rune) {
	redact.Format(f, "yunzhijia.PersonJobs", j.LogValue())
}

func readSideJob(s *wire.Scanner, j *SideJob) (id string) {
	var job Job
	readJobOf(s, &j.OpenID, &job)
	j.OrgID, j.JobTitle, j.Weights = job.OrgID, job.JobTitle, job.Weights
	return j.OpenID
}

func readJob(s *wire.Scanner, j *Job) (id string) {
	var none string
	readJobOf(s, &none, j)
	return j.OrgID
}

func readJobOf(s *wire.Scanner, openID *string, j *Job) {
	var seen wire.Seen
	for more := s.Object(""); more; more = s.More('}') {
		switch string(s.Key()) {
		case "openId":
			seen.Once(s, 0, "openId")
			*openID = s.Text("openId", wire.Strict)
		case "orgId":
			seen.Once(s, 1, "orgId")
			j.OrgID = s.Text("orgId", wire.Strict)
		case "jobTitle":
			seen.Once(s, 2, "jobTitle")
			j.JobTitle = s.Text("jobTitle", wire.Lenient)
		case "weights":
			seen.Once(s, 3, "weights")
			j.Weights, _ = s.Int("weights")
		default:
			s.Skip()
		}
	}
}

func readPersonJobs(s *wire.Scanner, j *PersonJobs) (id string) {
	var seen wire.Seen
	for more := s.Object(""); more; more = s.More('}') {
		switch string(s.Key()) {
		case "openId":
			seen.Once(s, 0, "openId")
			j.OpenID = s.Text("openId", wire.Strict)
		case "masterInfo":
			seen.Once(s, 1, "masterInfo")
			if !s.Null() {
				sound := s.Sound()
				readJob(s, &j.Main)
				s.Within(sound, "masterInfo")
			}
		case "slaveInfos":
			seen.Once(s, 2, "slaveInfos")
			j.Sides = readList(s, "slaveInfos", readJob)
		default:
			s.Skip()
		}
	}
	seen.Need(s, 2, "slaveInfos")
	return j.OpenID
}

var (
	opListSideJobs   = syncOp("company/queryPartTimeJobs")
	opListPersonJobs = syncOp("relation/queryPersonOrgJobInfo")
)

// ListSideJobs reads one page of the side jobs of the whole team (openimport,
// company/queryPartTimeJobs), at most 1,000. Main departments are not among them.
func (c *Client) ListSideJobs(ctx context.Context, p PageRequest) ([]SideJob, error) {
	return result(c.sideJobs(ctx, p))
}

func (c *Client) sideJobs(ctx context.Context, p PageRequest) (rows[SideJob], error) {
	r := newRequest(opListSideJobs)
	r.data(pageData(r.checked(p, maxCount)))
	return call(ctx, c, r, syncRows(opListSideJobs, readSideJob))
}

// AllSideJobs ranges over the side jobs of the whole team (company/queryPartTimeJobs). A person
// whose last side job ended has no row any more, and nothing else tells of it: compare with what
// was known. So the sequence ends with [ErrSlid] if rows may be missing. Rows may come twice.
func (c *Client) AllSideJobs(ctx context.Context, options PageOptions) iter.Seq2[SideJob, error] {
	return whole(ctx, opListSideJobs, options, c.sideJobs)
}

// maxJobIDs is how many people's jobs one call returns.
const maxJobIDs = 200

// ListPersonJobs reads the departments of at most 200 people (openimport,
// relation/queryPersonOrgJobInfo). Someone unknown is not in the answer. An answer about
// others is [ErrMalformed].
func (c *Client) ListPersonJobs(ctx context.Context, openIDs []string) ([]PersonJobs, error) {
	return result(c.personJobs(ctx, openIDs))
}

func (c *Client) personJobs(ctx context.Context, openIDs []string) (rows[PersonJobs], error) {
	r := newRequest(opListPersonJobs)
	r.checkIDs("openIDs", openIDs, maxJobIDs)
	r.data(struct {
		OpenIDs []string `json:"openIds"`
	}{openIDs})
	return call(ctx, c, r, askedFor(opListPersonJobs, openIDs, "openId", readPersonJobs))
}

// AllPersonJobs ranges over the departments of any number of people
// (relation/queryPersonOrgJobInfo), 200 a call.
func (c *Client) AllPersonJobs(ctx context.Context, openIDs []string) iter.Seq2[PersonJobs, error] {
	return byIDs(openIDs, maxJobIDs, func(ids []string) (rows[PersonJobs], error) { return c.personJobs(ctx, ids) })
}

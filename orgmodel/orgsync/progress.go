package orgsync

// Phase is a part of a run.
type Phase string

// The phases, in order. Targets are pushed to concurrently.
const (
	PhaseDepartments Phase = "departments" // are read
	PhasePeople      Phase = "people"      // are read
	PhasePlan        Phase = "plan"
	PhasePush        Phase = "push" // of one target
	PhaseDone        Phase = "done"
)

// Progress says how far a run has come.
type Progress struct {
	Phase  Phase  `json:"phase"`
	Target string `json:"target,omitempty"` // of PhasePush
	Done   int    `json:"done"`
	Total  int    `json:"total,omitempty"` // 0 while it is not known
}

package deploycheck_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/rhysd/actionlint"
	"github.com/robfig/cron/v3"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

const (
	deploy    = "../../examples/orgsync/deploy"
	workflows = "../../.github/workflows"
)

// spoiled is a mistake in a file, which its check must find.
type spoiled struct{ right, wrong string }

// requireChecked demands that a check takes a file as it is, and no spoiled copy of it.
func requireChecked(t *testing.T, path string, check func(text string) error, mistakes ...spoiled) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	text := string(data)
	require.NoError(t, check(text), path)
	require.NotEmpty(t, mistakes)
	for _, m := range mistakes {
		require.Contains(t, text, m.right, path)
		require.Error(t, check(strings.Replace(text, m.right, m.wrong, 1)), "%s: %s", path, m.wrong)
	}
}

// manifest decodes a manifest into the type of its kind: no field that Kubernetes does
// not know, none twice, none of another type; and checks what the types leave open.
func manifest(text string) error {
	var kind struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
	}
	if err := yaml.Unmarshal([]byte(text), &kind); err != nil {
		return err
	}
	switch kind.APIVersion + "/" + kind.Kind {
	case "apps/v1/Deployment":
		var d appsv1.Deployment
		if err := yaml.UnmarshalStrict([]byte(text), &d); err != nil {
			return err
		}
		if d.Spec.Replicas == nil || *d.Spec.Replicas != 1 || d.Spec.Strategy.Type != appsv1.RecreateDeploymentStrategyType {
			return errors.New("the state is a file: there is to be one pod at a time")
		}
		for name, value := range d.Spec.Selector.MatchLabels {
			if d.Spec.Template.Labels[name] != value {
				return fmt.Errorf("the selector asks for a label that the pod does not have: %s=%s", name, value)
			}
		}
		return pod(d.Spec.Template.Spec, corev1.RestartPolicyAlways)
	case "batch/v1/CronJob":
		var c batchv1.CronJob
		if err := yaml.UnmarshalStrict([]byte(text), &c); err != nil {
			return err
		}
		if _, err := cron.ParseStandard(c.Spec.Schedule); err != nil {
			return err
		}
		if c.Spec.ConcurrencyPolicy != batchv1.ForbidConcurrent {
			return errors.New("two runs would work on one state")
		}
		return pod(c.Spec.JobTemplate.Spec.Template.Spec, corev1.RestartPolicyNever)
	}
	return fmt.Errorf("not a kind that is known here: %+v", kind)
}

// pod checks what Kubernetes would refuse although the types take it, and that the
// program runs with no rights that it does not need.
func pod(spec corev1.PodSpec, restart corev1.RestartPolicy) error {
	if spec.RestartPolicy != restart && (spec.RestartPolicy != "" || restart != corev1.RestartPolicyAlways) {
		return fmt.Errorf("restart policy %q", spec.RestartPolicy)
	}
	volumes := map[string]bool{}
	for _, v := range spec.Volumes {
		volumes[v.Name] = true
		if v.PersistentVolumeClaim == nil && v.Secret == nil {
			return fmt.Errorf("volume %s is neither a claim nor a secret", v.Name)
		}
	}
	if spec.SecurityContext == nil || spec.SecurityContext.RunAsNonRoot == nil || !*spec.SecurityContext.RunAsNonRoot {
		return errors.New("the pod may run as root")
	}
	if spec.AutomountServiceAccountToken == nil || *spec.AutomountServiceAccountToken {
		return errors.New("the pod gets a token of the cluster")
	}
	for _, c := range spec.Containers {
		for _, m := range c.VolumeMounts {
			if !volumes[m.Name] {
				return fmt.Errorf("%s mounts a volume that is not there: %s", c.Name, m.Name)
			}
		}
		ports := map[string]bool{}
		for _, p := range c.Ports {
			ports[p.Name] = true
		}
		if p := c.LivenessProbe; p != nil && (p.HTTPGet == nil || !ports[p.HTTPGet.Port.StrVal]) {
			return errors.New("the probe asks at a port that is not there")
		}
		s := c.SecurityContext
		if s == nil || s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem ||
			s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation || s.Capabilities == nil || len(s.Capabilities.Drop) == 0 {
			return fmt.Errorf("%s has rights that it does not need", c.Name)
		}
	}
	return nil
}

func TestKubernetes(t *testing.T) {
	t.Parallel()
	requireChecked(t, filepath.Join(deploy, "deployment.yaml"), manifest,
		spoiled{"replicas: 1", "replica: 1"}, spoiled{"replicas: 1", "replicas: one"}, spoiled{"replicas: 1", "replicas: 2"},
		spoiled{"containerPort: 8080", `containerPort: "8080"`}, spoiled{"port: http", "port: web"},
		spoiled{"        - name: state\n          persistent", "        - name: other\n          persistent"},
		spoiled{"    matchLabels:\n      app: orgsync", "    matchLabels:\n      app: other"}, spoiled{"runAsNonRoot: true", "runAsNonRoot: false"})
	requireChecked(t, filepath.Join(deploy, "cronjob.yaml"), manifest,
		spoiled{"jobTemplate:", "template:"}, spoiled{"concurrencyPolicy: Forbid", "concurrencyPolicy: Allow"},
		spoiled{"*/15 * * * *", "every 15 minutes"}, spoiled{"restartPolicy: Never", "restartPolicy: Always"}, spoiled{"defaultMode: 0440", "defaultMode: u=r"},
		spoiled{"batch/v1", "batch/v1beta1"})
}

// dockerfile parses a Dockerfile and its instructions, as a build would, with the checks
// of docker build --check.
func dockerfile(text string) error {
	parsed, err := parser.Parse(strings.NewReader(text))
	if err != nil {
		return err
	}
	var warnings []error
	for _, w := range parsed.Warnings {
		warnings = append(warnings, errors.New(w.Short))
	}
	rules := linter.New(&linter.Config{Warn: func(rule, _, _, message string, _ []parser.Range) {
		warnings = append(warnings, fmt.Errorf("%s: %s", rule, message))
	}})
	stages, _, err := instructions.Parse(parsed.AST, rules)
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for _, stage := range stages {
		for _, command := range stage.Commands {
			switch c := command.(type) {
			case *instructions.CopyCommand:
				if c.From != "" && !names[c.From] {
					warnings = append(warnings, fmt.Errorf("there is no stage %s to copy from", c.From))
				}
			case *instructions.EntrypointCommand:
				if c.PrependShell {
					warnings = append(warnings, errors.New("the program would run below a shell, which hears no SIGTERM for it"))
				}
			}
		}
		names[stage.Name] = true
	}
	return errors.Join(warnings...)
}

func TestDockerfile(t *testing.T) {
	t.Parallel()
	requireChecked(t, filepath.Join(deploy, "Dockerfile"), dockerfile,
		spoiled{"WORKDIR", "WORKDIRECTORY"}, spoiled{"--from=build", "--from=builder"}, spoiled{"AS build", "as build"},
		spoiled{`ENTRYPOINT ["/orgsync"]`, `ENTRYPOINT /orgsync`}, spoiled{"USER 65532", "USERS 65532"})
}

// workflow runs actionlint, with shellcheck over the scripts in it.
func workflow(text string) error {
	shellcheck, err := exec.LookPath("shellcheck")
	if err != nil {
		return errors.New("shellcheck is not installed: apt-get install shellcheck")
	}
	lint, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{Shellcheck: shellcheck})
	if err != nil {
		return err
	}
	found, err := lint.Lint("workflow.yml", []byte(text), nil)
	if err != nil {
		return err
	}
	var all []error
	for _, f := range found {
		all = append(all, f)
	}
	for line := range strings.Lines(text) {
		_, action, uses := strings.Cut(line, "uses: ")
		_, commit, _ := strings.Cut(strings.Fields(action + " x")[0], "@")
		if uses && (len(commit) != 40 || strings.Trim(commit, "0123456789abcdef") != "") {
			all = append(all, fmt.Errorf("an action that is not pinned to a commit: %s", line))
		}
	}
	return errors.Join(all...)
}

func TestWorkflows(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(workflows, "*"))
	require.NoError(t, err)
	require.Len(t, files, 3)
	for _, file := range files {
		requireChecked(t, file, workflow, spoiled{"runs-on:", "run-on:"}, spoiled{"actions/checkout@", "actions/checkout@v6 #"},
			spoiled{"timeout-minutes: ", "timeout-minutes: x"}, spoiled{"permissions:\n  contents: read", "permissions:\n  content: read"})
	}
	requireChecked(t, filepath.Join(workflows, "release.yml"), workflow, spoiled{"github.ref_name", "github.refname"}, spoiled{`"$TAG"`, "$TAG"})
}

// unit runs systemd-analyze over the unit files. What it ignores with a warning is a
// mistake here. The program is not installed where it is checked, so another one stands in.
func unit(name string) func(text string) error {
	return func(text string) error {
		dir, err := os.MkdirTemp("", "units")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		for _, file := range []string{"orgsync.service", "orgsync.timer"} {
			content := []byte(text)
			if file != name {
				if content, err = os.ReadFile(filepath.Join(deploy, file)); err != nil {
					return err
				}
			}
			content = bytes.ReplaceAll(content, []byte("=/usr/local/bin/orgsync"), []byte("=/bin/true"))
			if err := os.WriteFile(filepath.Join(dir, file), content, 0o600); err != nil {
				return err
			}
		}
		output, err := exec.Command("systemd-analyze", "verify", "--man=no", filepath.Join(dir, name)).CombinedOutput() // #nosec G204 -- a name of ours
		if err == nil && len(output) > 0 {
			err = errors.New("it warns")
		}
		if err != nil {
			return fmt.Errorf("systemd-analyze: %w: %s", err, output)
		}
		return nil
	}
}

func TestUnits(t *testing.T) {
	t.Parallel()
	requireChecked(t, filepath.Join(deploy, "orgsync.service"), unit("orgsync.service"),
		spoiled{"ProtectSystem=strict", "ProtectSystm=strict"}, spoiled{"TimeoutStartSec=2h", "TimeoutStartSec=2 ours"}, spoiled{"Type=oneshot", "Type=once"},
		spoiled{"ExecStart=/usr/local/bin/orgsync", "ExecStart=orgsync-that-is-not-there"}, spoiled{"SuccessExitStatus=4", "SuccessExitStatus=4000"})
	requireChecked(t, filepath.Join(deploy, "orgsync.timer"), unit("orgsync.timer"),
		spoiled{"OnBootSec=5min", "OnBootSec=5foo"}, spoiled{"[Timer]", "[Time]"})
}

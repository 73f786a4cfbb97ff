package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// enginePackage is the program that is measured.
const enginePackage = "github.com/orgbridge/orgbridge/examples/orgsync"

// buildEngine builds the engine's program into dir and returns the path of the binary. With
// profiles it is a variant that writes them.
func buildEngine(ctx context.Context, dir, profiles string) (string, error) {
	program := filepath.Join(dir, "orgsync")
	args := []string{"build", "-buildvcs=false", "-o", program}
	if profiles != "" {
		if err := os.MkdirAll(profiles, 0o700); err != nil {
			return "", err
		}
		overlay, err := profilingOverlay(ctx, dir)
		if err != nil {
			return "", err
		}
		args = append(args, "-overlay", overlay)
	}
	_, err := goTool(ctx, append(args, enginePackage)...)
	return program, err
}

func goTool(ctx context.Context, args ...string) (stdout string, err error) {
	command := exec.CommandContext(ctx, "go", args...) //nolint:gosec // the arguments are made here
	var out, complaints bytes.Buffer
	command.Stdout, command.Stderr = &out, &complaints
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("go %s: %w\n%s", args[0], err, complaints.String())
	}
	return out.String(), nil
}

// engineCommand is the n-th run of the engine's program in a scenario.
func (b *bench) engineCommand(ctx context.Context, s scenario, n int, state string) *exec.Cmd {
	command := exec.CommandContext(ctx, b.program, s.flags...) //nolint:gosec // it was built here
	command.Env = append(foreign(os.Environ()),
		"YUNZHIJIA_BASE_URL="+b.vendors.address,
		"YUNZHIJIA_EID=10001",
		"AIGUANHUAI_BASE_URL="+b.vendors.address,
		"AIGUANHUAI_CORP_ID=corp-1",
		"TUZHAN_BASE_URL="+b.vendors.address,
		"TUZHAN_APP_ID=app-1",
		"TUZHAN_APP_SECRET=secret-of-tuzhan",
		"YUNJIAN_URL="+b.vendors.address+pathYunjianSync,
		"YUNJIAN_ACCOUNT=account-1",
		"YUNJIAN_USER_NO=U001",
		"YUNJIAN_SESSION_URL="+b.vendors.address+pathYunjianSession,
		"YUNJIAN_SECRET=secret-of-yunjian",
		"YUNJIAN_SIGN_KEY=sign-key-of-yunjian",
		"ORGSYNC_STATE="+state,
	)
	command.Env = append(command.Env, settingsOf(b.options.source)...)
	if b.options.profile != "" {
		path := filepath.Join(b.options.profile, fmt.Sprintf("%s-%d", s.name, n))
		command.Env = append(command.Env, profileVariable+"="+path)
	}
	return command
}

// foreign drops the variables that the engine's program reads.
func foreign(environ []string) []string {
	var kept []string
	for _, variable := range environ {
		ours := false
		for _, prefix := range []string{"YUNZHIJIA_", "AIGUANHUAI_", "TUZHAN_", "YUNJIAN_", "ORGSYNC_"} {
			ours = ours || strings.HasPrefix(variable, prefix)
		}
		if !ours {
			kept = append(kept, variable)
		}
	}
	return kept
}

// profileVariable is where the variant of the program writes its profiles, less the extensions.
const profileVariable = "WHOLESYNC_PROFILE"

// profilingOverlay writes what `go build -overlay` needs to build the variant: a file more, and a
// main.go that ends through it. The program itself knows nothing of profiles.
func profilingOverlay(ctx context.Context, dir string) (string, error) {
	stdout, err := goTool(ctx, "list", "-f", "{{.Dir}}", enginePackage)
	if err != nil {
		return "", err
	}
	source := filepath.Join(strings.TrimSpace(stdout), "main.go")
	program, err := os.ReadFile(source) //nolint:gosec // the program's own source
	if err != nil {
		return "", err
	}
	if !bytes.Contains(program, []byte("os.Exit(")) {
		return "", errors.New("-profile needs a call of os.Exit in the program's main.go")
	}
	program = bytes.ReplaceAll(program, []byte("os.Exit("), []byte("exitProfiled("))
	overlay := struct{ Replace map[string]string }{map[string]string{
		source: filepath.Join(dir, "main.go"),
		filepath.Join(filepath.Dir(source), "profiled.go"): filepath.Join(dir, "profiled.go"),
	}}
	list, err := json.Marshal(overlay)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, errors.Join(
		os.WriteFile(filepath.Join(dir, "main.go"), program, 0o600), //nolint:gosec // the directory was made here
		os.WriteFile(filepath.Join(dir, "profiled.go"), []byte(profilingSource), 0o600),
		os.WriteFile(path, list, 0o600))
}

const profilingSource = `package main

import (
	"fmt"
	"os"
	"runtime/pprof"
)

var cpuProfile = startProfile(os.Getenv("` + profileVariable + `"))

func startProfile(path string) *os.File {
	file, err := os.Create(path + ".cpu.pprof")
	if err == nil {
		err = pprof.StartCPUProfile(file)
	}
	failProfile(err)
	return file
}

func exitProfiled(status int) {
	pprof.StopCPUProfile()
	failProfile(cpuProfile.Close())
	file, err := os.Create(os.Getenv("` + profileVariable + `") + ".allocs.pprof")
	failProfile(err)
	failProfile(pprof.Lookup("allocs").WriteTo(file, 0))
	failProfile(file.Close())
	os.Exit(status)
}

func failProfile(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "profile:", err)
		os.Exit(1)
	}
}
`

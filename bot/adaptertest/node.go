package adaptertest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// NodeScripts returns a folder with the scripts of another one, ready to be run by Node.js: below the folder with the packages
// that its lockfile names, where Node.js finds those. They are fetched where they are not at hand. Where that cannot be done it
// skips the test, or fails it where CI is "true", and says that there was no trying with these clients.
func NodeScripts(t *testing.T, sources, clients string) string {
	t.Helper()
	packages := installPackages(t, sources, clients)
	folder, err := os.MkdirTemp(packages, "scripts-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	scripts, err := filepath.Glob(filepath.Join(sources, "*.mjs"))
	if err != nil || len(scripts) == 0 {
		t.Fatal("there are no scripts", err)
	}
	for _, script := range scripts {
		if err := copyFile(filepath.Join(folder, filepath.Base(script)), script); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// installPackages fetches the packages, once for each lockfile, and returns the folder in which they are.
func installPackages(t *testing.T, sources, clients string) string {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			unavailable(t, "not tried with %s, because %s is not installed", clients, program)
		}
	}
	if version, err := exec.CommandContext(t.Context(), "node", "--version").Output(); err != nil || tooOld(string(version)) {
		unavailable(t, "not tried with %s, because Node.js %d is needed and not %s (%v)", clients, oldestNode, version, err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		unavailable(t, "not tried with %s, because there is nowhere to keep what is fetched: %v", clients, err)
	}
	lock, err := os.ReadFile(filepath.Join(sources, "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(cache, fmt.Sprintf("crosscheck-node-%.12x", sha256.Sum256(lock)))
	if _, err := os.Stat(folder); err == nil {
		return folder
	}
	if err := fetchPackages(t, sources, folder); err != nil {
		unavailable(t, "not tried with %s, which could not be fetched: %v", clients, err)
	}
	return folder
}

// oldestNode is the oldest version of Node.js that the scripts run on.
const oldestNode = 20

// tooOld tells of what node --version says, v20.1.2 for instance, whether the scripts do not run on it.
func tooOld(version string) bool {
	var major int
	_, err := fmt.Sscanf(version, "v%d.", &major)
	return err != nil || major < oldestNode
}

// fetchPackages installs into a folder beside the one that is wanted, so that one that is there is complete.
func fetchPackages(t *testing.T, sources, folder string) error {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return err
	}
	building, err := os.MkdirTemp(filepath.Dir(folder), filepath.Base(folder)+"-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(building)
	for _, name := range []string{"package.json", "package-lock.json"} {
		if err := copyFile(filepath.Join(building, name), filepath.Join(sources, name)); err != nil {
			return err
		}
	}
	args := []string{"ci", "--ignore-scripts", "--no-audit", "--no-fund"}
	if os.Getenv("CI") != "true" {
		args = append(args, "--fetch-retries=0") // without a network, the test is to be skipped soon
	}
	npm := exec.CommandContext(t.Context(), "npm", args...)
	npm.Dir = building
	if out, err := npm.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	if err := os.Rename(building, folder); err != nil && !errors.Is(err, fs.ErrExist) {
		if _, there := os.Stat(folder); there != nil { // no other test has put it there meanwhile
			return err
		}
	}
	return nil
}

// unavailable skips a test that needs what is not on every machine. Where the project's checks run, it is there.
func unavailable(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

func copyFile(to, from string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o600)
}

package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/orgbridge/orgbridge/orgmodel"
	"github.com/orgbridge/orgbridge/orgmodel/orgsync"
)

const (
	stateKeyVariable = "ORGSYNC_STATE_KEY"
	keySize          = 32
	// keySuffix is appended to the path of the state to get that of the key file.
	keySuffix = ".key"
)

var errNotAKey = errors.New("is not 32 bytes in base64 or hexadecimal")

// parseKey reads a key in any of its spellings. Its error never quotes the text.
func parseKey(text string) ([]byte, error) {
	text = strings.TrimSpace(text)
	if key, err := hex.DecodeString(text); err == nil && len(key) == keySize {
		return key, nil
	}
	for _, encoding := range []*base64.Encoding{
		base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding,
	} {
		if key, err := encoding.DecodeString(text); err == nil && len(key) == keySize {
			return key, nil
		}
	}
	return nil, errNotAKey
}

// stateKey reads the key from the environment, nil if there is none.
func (e *environment) stateKey() []byte {
	text := e.value(stateKeyVariable)
	if text == "" {
		return nil
	}
	key, err := parseKey(text)
	if err != nil {
		e.refuse(stateKeyVariable, err.Error())
	}
	return key
}

// sealing returns the keys of a run: the first one seals, all of them open. There are none
// if the state is not kept, or if the key that it was sealed with is missing.
func sealing(ctx context.Context, set settings, store orgsync.Store, options orgsync.RunOptions) (keys [][]byte, lost bool, err error) {
	if set.simulated {
		return nil, false, nil
	}
	path := set.state + keySuffix
	inFile, err := readKeyFile(path)
	switch {
	case set.key != nil && inFile != nil:
		return [][]byte{set.key, inFile}, false, nil // the variable replaces the file
	case set.key != nil:
		return [][]byte{set.key}, false, nil
	case err != nil:
		return nil, false, err
	case inFile != nil:
		return [][]byte{inFile}, false, nil
	}
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails
	sealed, known := isSealed(ctx, set, store, key, options)
	if !known || sealed && !options.ForgetSealed || options.DryRun {
		return nil, sealed, nil
	}
	if err := writeKeyFile(path, key); err != nil {
		return nil, false, keyFileError("needs a key file beside it (%s), which cannot be made", err)
	}
	return [][]byte{key}, false, nil
}

// readKeyFile returns nil without an error if there is no key file. An empty one was
// never used.
func readKeyFile(path string) ([]byte, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the path is the user's own
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && len(text) == 0:
		return nil, nil
	case err != nil:
		return nil, keyFileError("has a key file beside it (%s), which cannot be read", err)
	}
	key, err := parseKey(string(text))
	if err != nil {
		return nil, keyFileError("has a key file beside it (%s), which holds no key", err)
	}
	return key, nil
}

func keyFileError(what string, err error) error {
	return &variableError{Variable: stateVariable, Reason: fmt.Sprintf(what, "*"+keySuffix) + ": " + withoutPath(err).Error(), err: err}
}

// writeKeyFile makes the key file, which no one else may read. It is on disk before
// anything is sealed with it, and never replaces another key.
func writeKeyFile(path string, key []byte) error {
	if info, err := os.Stat(path); err == nil && info.Size() == 0 {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the path is the user's own
	if err != nil {
		return err
	}
	_, err = file.WriteString(hex.EncodeToString(key) + "\n")
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		_ = os.Remove(path)
		return err
	}
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync() // not every system can
		_ = dir.Close()
	}
	return nil
}

// isSealed reports whether the state was sealed with a key other than this one. It is not
// known if the state cannot be opened now, which the run itself will say.
func isSealed(ctx context.Context, set settings, store orgsync.Store, key []byte, options orgsync.RunOptions) (sealed, known bool) {
	engine, err := orgsync.New(orgsync.Config{
		Tenant: set.tenant, Source: unread{set.source}, Targets: set.targets, Store: store,
	}, orgsync.WithSealing(key))
	if err != nil {
		return false, false
	}
	_, err = engine.Plan(ctx, orgsync.RunOptions{Adopt: options.Adopt})
	return errors.Is(err, orgsync.ErrSealKey), errors.Is(err, orgsync.ErrSealKey) || errors.Is(err, errUnread)
}

// unread is a source that is not read: keys are checked before that.
type unread struct{ orgsync.Source }

var errUnread = errors.New("not read")

func (unread) Departments(context.Context) iter.Seq2[orgmodel.Department, error] {
	return func(yield func(orgmodel.Department, error) bool) { yield(orgmodel.Department{}, errUnread) }
}

package main

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A method that calls the vendor has an English name, and says in its comment what the vendor
// calls it: one finds it by either.
func TestMethodsNameTheVendorsCall(t *testing.T) {
	t.Parallel()
	found := 0
	for _, vendor := range vendors {
		for _, f := range methods(t, filepath.Join("..", "..", vendor)) {
			if doc := f.Doc.Text(); takesContext(f) && !strings.Contains(doc, "\nDeprecated: ") {
				found++
				assert.True(t, namesACall(vendor, doc), "%s: the comment of %s names no call of the vendor", vendor, f.Name.Name)
			}
		}
	}
	assert.Greater(t, found, 50)
}

func namesACall(vendor, doc string) bool {
	for _, op := range operations[vendor] {
		if vendor == "aiguanhuai" {
			op = "/v3/oms/" + op // "add" is a word
		}
		if strings.Contains(doc, op) {
			return true
		}
	}
	return false
}

// methods returns the exported methods of a package's Client and Task.
func methods(t *testing.T, dir string) []*ast.FuncDecl {
	t.Helper()
	p, err := build.Default.ImportDir(dir, 0)
	require.NoError(t, err)
	var all []*ast.FuncDecl
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, parser.ParseComments)
		require.NoError(t, err)
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if ok && f.Recv != nil && f.Name.IsExported() && (receiver(f) == "Client" || receiver(f) == "Task") {
				all = append(all, f)
			}
		}
	}
	return all
}

func takesContext(f *ast.FuncDecl) bool {
	params := f.Type.Params.List
	if len(params) == 0 {
		return false
	}
	s, ok := params[0].Type.(*ast.SelectorExpr)
	return ok && s.Sel.Name == "Context"
}

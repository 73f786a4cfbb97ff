package main

import (
	"bytes"
	"go/ast"
	"go/build"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// public returns the folders of the packages that others can import, those of nested modules
// aside.
func public(root string) ([]string, error) {
	var dirs []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() || path == root {
			return err
		}
		name := d.Name()
		if strings.HasPrefix(name, ".") || name == "internal" || name == "testdata" || name == "examples" {
			return filepath.SkipDir
		}
		if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil {
			return filepath.SkipDir
		}
		if p, err := build.Default.ImportDir(path, 0); err == nil && p.Name != "main" {
			dir, err := filepath.Rel(root, path)
			dirs = append(dirs, dir)
			return err
		}
		return nil
	})
	return dirs, err
}

// exported prints the exported declarations of a package without comments and bodies, in
// alphabetical order.
func exported(dir string) (string, error) {
	p, err := build.Default.ImportDir(dir, 0)
	if err != nil {
		return "", err
	}
	fset := token.NewFileSet()
	var decls []string
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(fset, filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return "", err
		}
		ast.FileExports(file)
		for _, decl := range file.Decls {
			for _, one := range apart(decl) {
				var b bytes.Buffer
				if err := printer.Fprint(&b, fset, one); err != nil {
					return "", err
				}
				decls = append(decls, strings.Join(strings.Fields(b.String()), " "))
			}
		}
	}
	slices.Sort(decls)
	return strings.Join(decls, "\n") + "\n", nil
}

// receiver is the type of a method, and the name of a function.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return d.Name.Name
	}
	at := d.Recv.List[0].Type
	if star, ok := at.(*ast.StarExpr); ok {
		at = star.X
	}
	switch generic := at.(type) {
	case *ast.IndexExpr:
		at = generic.X
	case *ast.IndexListExpr:
		at = generic.X
	}
	name, ok := at.(*ast.Ident)
	if !ok {
		return ""
	}
	return name.Name
}

// apart returns a declaration as one for each name: what is grouped with what is no part of
// the interface, and neither are values of variables.
func apart(decl ast.Decl) []ast.Node {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Body = nil; !ast.IsExported(receiver(d)) {
			return nil
		}
		return []ast.Node{d}
	case *ast.GenDecl:
		if d.Tok == token.IMPORT {
			return nil
		}
		var nodes []ast.Node
		for _, spec := range d.Specs {
			if value, ok := spec.(*ast.ValueSpec); ok && d.Tok == token.VAR {
				value.Values = nil
			}
			nodes = append(nodes, &ast.GenDecl{Tok: d.Tok, Specs: []ast.Spec{spec}})
		}
		return nodes
	}
	return nil
}

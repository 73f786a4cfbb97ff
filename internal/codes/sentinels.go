package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// sentinel is an exported error that stands for a vendor's code.
type sentinel struct {
	pkg, name string
	code      string
	remedy    string // the doc comment, less the name and the code
}

// packages are the clients, in the order of the READMEs.
func packages() []string { return []string{"yunzhijia", "aiguanhuai", "tuzhan", "yunjian"} }

// sentinels returns those of a package, ordered by code.
func sentinels(root, pkg string) ([]sentinel, error) {
	paths, err := filepath.Glob(filepath.Join(root, pkg, "*.go"))
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	constants := map[string]string{}
	var specs []*ast.ValueSpec
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, decl := range file.Decls {
			general, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, s := range general.Specs {
				spec, ok := s.(*ast.ValueSpec)
				if !ok {
					continue
				}
				if spec.Doc == nil && len(general.Specs) == 1 {
					spec.Doc = general.Doc
				}
				for i, value := range spec.Values {
					if text, ok := literal(value); ok && general.Tok == token.CONST {
						constants[spec.Names[i].Name] = text
					}
				}
				specs = append(specs, spec)
			}
		}
	}
	var found []sentinel
	for _, spec := range specs {
		for i, value := range spec.Values {
			code, ok := codeOf(value, constants)
			name := spec.Names[i].Name
			if !ok || !ast.IsExported(name) {
				continue
			}
			found = append(found, sentinel{pkg, name, code, remedy(name, code, spec.Doc.Text())})
		}
	}
	slices.SortFunc(found, func(a, b sentinel) int { return strings.Compare(a.code+a.name, b.code+b.name) })
	return found, nil
}

// codeOf returns the code of a call of kernel.NewCode.
func codeOf(value ast.Expr, constants map[string]string) (string, bool) {
	call, ok := value.(*ast.CallExpr)
	if !ok || len(call.Args) < 2 {
		return "", false
	}
	if name, ok := call.Fun.(*ast.SelectorExpr); !ok || name.Sel.Name != "NewCode" {
		return "", false
	}
	if text, ok := literal(call.Args[1]); ok {
		return text, true
	}
	name, ok := call.Args[1].(*ast.Ident)
	if !ok {
		return "", false
	}
	text, ok := constants[name.Name]
	return text, ok
}

func literal(value ast.Expr) (string, bool) {
	lit, ok := value.(*ast.BasicLit)
	if !ok {
		return "", false
	}
	if text, err := strconv.Unquote(lit.Value); err == nil {
		return text, true
	}
	return lit.Value, true
}

var links = regexp.MustCompile(`\[([A-Z][\w.]*)\]`)

// remedy is a doc comment in one line of a table.
func remedy(name, code, doc string) string {
	text := strings.Join(strings.Fields(doc), " ")
	text = strings.TrimPrefix(text, name)
	text = strings.TrimLeft(text, ": ")
	for _, lead := range []string{"is code " + code, "code " + code, code} {
		text = strings.TrimPrefix(text, lead)
	}
	text = links.ReplaceAllString(text, "`$1`")
	return strings.TrimLeft(strings.ReplaceAll(text, "|", `\|`), ":, ")
}

// readme is a README with a table of codes between two marks.
type readme struct {
	path   string
	header string
	vendor map[string]string
	remedy func(sentinel) (string, error)
}

func readmes() []readme {
	vendors := map[string]string{"yunzhijia": "云之家", "aiguanhuai": "爱关怀", "tuzhan": "兔展", "yunjian": "云简"}
	return []readme{
		{"README.md", "| vendor | code | sentinel | meaning, and what to do |", vendors,
			func(s sentinel) (string, error) { return s.remedy, nil }},
		{"README.zh-CN.md", "| 厂商 | 代码 | 哨兵错误 | 含义与处理 |", vendors, inChinese},
	}
}

func inChinese(s sentinel) (string, error) {
	text, known := chinese()[s.pkg+"."+s.name]
	if !known {
		return "", fmt.Errorf("%s.%s has no Chinese remedy in chinese.go", s.pkg, s.name)
	}
	return text, nil
}

// table is what stands between the marks.
func (r readme) table(root string) (string, error) {
	var b strings.Builder
	b.WriteString("\n\n" + r.header + "\n|---|---|---|---|\n")
	names := map[string]bool{}
	for _, pkg := range packages() {
		list, err := sentinels(root, pkg)
		if err != nil {
			return "", err
		}
		for _, s := range list {
			names[s.pkg+"."+s.name] = true
			text, err := r.remedy(s)
			if err != nil {
				return "", err
			}
			code := "`" + s.code + "`"
			if s.code == "" {
				code = "–"
			}
			fmt.Fprintf(&b, "| %s | %s | `%s.%s` | %s |\n", r.vendor[pkg], code, pkg, s.name, text)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(chinese())) {
		if !names[name] {
			return "", fmt.Errorf("chinese.go knows %s, which does not exist", name)
		}
	}
	return b.String() + "\n", nil
}

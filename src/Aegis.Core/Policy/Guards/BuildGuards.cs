using System.Collections.Immutable;

namespace Aegis.Core.Policy.Guards;

/// <summary>Build programs run what the repository's build files say; these guards stop programs that come
/// from the command line.</summary>
internal static class BuildGuards
{
    public static ImmutableArray<GuardRule> Rules { get; } =
    [
        new("make.shell", ["make", "gmake", "remake"],
            new Pattern(GuardPattern.Find(@"^(SHELL|\.SHELLFLAGS|MAKE|MAKEFLAGS|GNUMAKEFLAGS|MAKEFILES"
                + @"|MAKEOVERRIDES|CC|CXX|LD"
                + @"|AR|AS|CPP)\s*[:?+!]*=")),
            "it names the program that make runs for each line", "leave it out",
            ["make SHELL=/tmp/x", "make all SHELL:=x", "make CC=x", "make .SHELLFLAGS=-x"], ["make all V=1"]),
        new("make.value", ["make", "gmake", "remake"],
            new Pattern(GuardPattern.Find(@"^[A-Za-z0-9_.]+\s*[:?+!]*=.*[^A-Za-z0-9_./,:+@=-]")),
            "the value becomes text of make's shell lines", "use plain values, or set it in the makefile",
            ["make CMD='rm x'", "make 'X=$(shell ls)'", "make 'X:=`ls`'"], ["make V=1 DIR=a/b", "make all"]),
        new("make.eval", ["make", "gmake", "remake"], new LongOption(["eval"], ["environment-overrides"]),
            "it runs make code from the command line", "put it into the makefile",
            ["make --eval='x:;ls'", "make --eva x"], ["make --environment-overrides"]),
        new("make.eval-short", ["make", "gmake", "remake"], new ShortOption("E"),
            "it runs make code from the command line", "put it into the makefile", ["make -E x"],
                ["make -j2 -k"]),
        new("make.input", ["make", "gmake", "remake"],
            new Pattern(GuardPattern.Find(@"^(-|-[a-zA-Z]*f-|-[a-zA-Z]*f?/(dev|proc)/.*|--(file"
                + @"|makefile)=(-|/dev/|/proc/).*|/dev/.*|/proc/.*)\z")),
            "it would run what it reads from its input", "name a makefile",
            ["make -f -", "make -f-", "make --file=-", "make -f /dev/stdin"], ["make -f build.mk"]),
        new("cmake.runs", ["cmake"],
            new Pattern(GuardPattern.Find(@"^(-E|-P|--build-tool|-D\s*CMAKE_.*(LAUNCHER|COMPILER|PROGRAM))")),
            "it runs another program or a script", "use cmake --build",
            ["cmake -E env ls", "cmake -P x.cmake", "cmake -DCMAKE_C_COMPILER_LAUNCHER=x ."],
            ["cmake --build out", "cmake -S . -B out"]),
        new("cc.program", ["gcc", "g++", "cc", "c++", "clang", "clang++", "tcc", "ld", "gold", "lld", "as",
            "cpp"],
            new Pattern(GuardPattern.Find(@"^(-wrapper|--?specs|-f?plugin|-B|@|-Xclang|-load"
                + @"|-fuse-ld=.*/|--?ld-path|-no-canonical-prefixes|-Wl,.*plugin)")),
            "the option loads code or names a program", "leave it out",
            ["gcc -wrapper ls a.c", "gcc -fplugin=x a.c", "gcc -specs=x a.c", "gcc @opts",
            "gcc-12 -B/tmp a.c",
                "clang-15 -Xclang -load a.c"],
            ["gcc -O2 -o a a.c", "g++ -std=c++20 a.cc"]),
        new("go.program", ["go"],
            new Pattern(GuardPattern.Find(@"^--?(exec|toolexec|vettool|overlay)(=|\z)")),
            "the option runs a program", "leave it out",
                ["go build -toolexec=ls", "go test -exec ls", "go vet -vettool=x"],
            ["go build ./...", "go test ./..."]),
        new("go.env", ["go"], new Verb(["env"], new Word("-w", "-u")),
            "it changes settings for later commands",
            "set them in the step's env", ["go env -w CC=x"], ["go env", "go env GOPATH"]),
        new("go.runs", ["go"], new Verb(["generate", "tool"], new Always(), ["-C"]),
            "the subcommand runs other programs", null, ["go generate", "go tool x", "go -C a generate"],
            ["go build"]),
        new("cargo.config", ["cargo"], new LongOption(["config"], ["color", "c"]),
            "settings of cargo can name programs",
            "leave it out", ["cargo build --config x=y"], ["cargo build --release", "cargo test"]),
        new("gradle.init", ["gradle", "gradlew"],
            new Pattern(GuardPattern.Find(@"^(-I|--init-script|--include-build|-D\s*org\.gradle\.|-c"
                + @"|--settings-file|-g|--gradle-user-home)")),
            "the option loads a script", "leave it out",
                ["gradle -I x build", "./gradlew --init-script x build"],
            ["./gradlew build", "gradle test"]),
        new("mvn.program", ["mvn", "mvnw"],
            new Pattern(GuardPattern.Find(@"exec:|^-D(exec|jvm|maven\.ext)|^(-s|-gs|-t|--settings"
                + @"|--toolchains)|antrun")),
            "it runs a program or takes settings from a file", "put it into the pom",
            ["mvn exec:exec -Dexec.executable=ls", "mvn -s x test"], ["mvn test", "mvn -q package"]),
        new("dotnet.runs", ["dotnet"], new Verb(["fsi", "script", "exec", "dev-certs", "tool", "new",
            "workload"], new Always()),
            "the subcommand runs or installs other programs", null, ["dotnet fsi x.fsx", "dotnet tool run x"],
            ["dotnet build", "dotnet test"]),
        new("dotnet.logger", ["dotnet", "msbuild"],
            new Pattern(GuardPattern.Find(@"(?i)^[-/]{1,2}(l|logger|dl|distributedlogger)[:=]|^@"
                + @"|CustomBefore|CustomAfter|^--additional-deps|^--additionalprobingpath")),
            "the option loads code", "leave it out", ["dotnet build -l:x.dll", "dotnet build @x"],
            ["dotnet build -c Release", "dotnet test -v q"]),
        new("pytest.plugin", ["pytest", "py.test"],
            new LongOption(["import-mode", "debug-cmd", "pdbcls"],
                ["i", "d", "p", "pd", "pdb", "durations", "ignore"]),
            "the option loads code", "leave it out", ["pytest --pdbcls=x:y"],
                ["pytest -q", "pytest --durations=5"]),
        new("eslint.program", ["eslint"], new LongOption(["rulesdir", "resolve-plugins-relative-to",
            "parser", "plugin"],
                ["report-unused-disable-directives", "r", "parser-options", "p", "pass-on-no-patterns",
                    "print-config"]),
            "the option loads code", "put it into the repository's configuration",
                ["eslint --rulesdir x .", "eslint --parser ./x ."],
            ["eslint .", "eslint --fix src"]),
    ];
}

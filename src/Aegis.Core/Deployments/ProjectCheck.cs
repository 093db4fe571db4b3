using System.Collections.Immutable;
using Aegis.Core.Findings;

namespace Aegis.Core.Deployments;

/// <summary>What every generated project must have, so that somebody else can run, test and deploy
/// it.</summary>
public static class ProjectCheck
{
    private const string Tool = "aegis-project";

    public static ImmutableArray<Finding> Check(
        ProjectFacts facts, IReadOnlyDictionary<string, string> texts)
    {
        var found = ImmutableArray.CreateBuilder<Finding>();
        void Miss(string rule, string file, string message, string mend) => found.Add(
            new Finding(rule, Tool, FindingSeverity.Error, file, 1, null, message, mend));
        const string scaffold = "project.scaffold writes one from the project's facts";
        if (facts.Kind == ProjectKind.Unknown)
        {
            Miss("no-project", ".", "no program and no page was found",
                "add package.json, a .csproj, requirements.txt or index.html");
        }
        if (!facts.Has("README.md"))
        {
            Miss("no-readme", "README.md", "there is no README", scaffold);
        }
        else if ((texts.GetValueOrDefault("README.md") ?? "").Length < 80)
        {
            Miss("empty-readme", "README.md", "the README says next to nothing",
                "say what it is, how it is run and tested");
        }
        if (facts.Test is null && facts.Kind != ProjectKind.Static)
        {
            Miss("no-tests", "test", "there are no tests", "add some where the language's runner finds them");
        }
        if (!facts.Files.Any(f => f.StartsWith(".github/workflows/", StringComparison.Ordinal)
            || f is ".gitlab-ci.yml"))
        {
            Miss("no-ci", ".github/workflows/ci.yml", "nothing runs the tests on a push", scaffold);
        }
        if (!facts.Has("Dockerfile"))
        {
            Miss("no-dockerfile", "Dockerfile", "there is no Dockerfile",
                "deploy.container writes one from the project's facts");
        }
        if (!facts.Has(".env.example") && facts.Kind != ProjectKind.Static)
        {
            Miss("no-env-example", ".env.example", "nobody can tell which variables it reads", scaffold);
        }
        else
        {
            foreach (var name in Unsaid(facts, texts))
            {
                Miss("variable-unsaid", ".env.example",
                    $"the code reads {name}, and .env.example does not name it",
                    $"add {name}= to it");
            }
        }
        if (facts.Health is null && facts.Kind is not (ProjectKind.Static or ProjectKind.Unknown))
        {
            Miss("no-health-check", facts.Entry.Length == 0 ? "." : facts.Entry,
                "the program answers no health check", "answer GET /health with 200 once it can work");
        }
        if (facts.Has(".env"))
        {
            Miss("env-committed", ".env", "a file of secrets lies in the project",
                "take it out, put it into .gitignore, and change what was in it");
        }
        return found.ToImmutable();
    }

    private static IEnumerable<string> Unsaid(
        ProjectFacts facts, IReadOnlyDictionary<string, string> texts)
    {
        var said = (texts.GetValueOrDefault(".env.example") ?? "").Split('\n')
            .Select(l => l.TrimStart('#', ' ').Split('=')[0].Trim()).ToHashSet(StringComparer.Ordinal);
        return facts.Kind == ProjectKind.Static ? [] : facts.Variables.Where(v => !said.Contains(v));
    }
}

/// <summary>Writes what a project lacks, from its facts.</summary>
public static class ProjectScaffold
{
    public static ImmutableSortedDictionary<string, string> Missing(string name, ProjectFacts facts)
    {
        var files = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (!facts.Has("README.md"))
        {
            files["README.md"] = Readme(name, facts);
        }
        if (!facts.Files.Any(f => f.StartsWith(".github/workflows/", StringComparison.Ordinal)
            || f is ".gitlab-ci.yml"))
        {
            files[".github/workflows/ci.yml"] = Ci(facts);
        }
        if (!facts.Has("Dockerfile"))
        {
            files["Dockerfile"] = ContainerFiles.Dockerfile(facts, BaseImages.Of(facts));
            if (!facts.Has(".dockerignore"))
            {
                files[".dockerignore"] = ContainerFiles.Ignore(facts);
            }
        }
        if (!facts.Has(".env.example") && facts.Kind != ProjectKind.Static)
        {
            files[".env.example"] = EnvExample(facts);
        }
        return files.ToImmutable();
    }

    public static string EnvExample(ProjectFacts facts) =>
        "# Copy to .env and fill in; .env itself is never committed.\n"
        + string.Concat(facts.Variables.Add("PORT").Select(v =>
            v == "PORT" ? $"PORT={ContainerFiles.Port}\n" : $"{v}=\n"));

    private static string Readme(string name, ProjectFacts facts) => $"""
        # {name}

        {Kind(facts)}

        ## Run

            {Run(facts)}

        It listens on the port that `PORT` names; `GET {facts.Health ?? "/health"}` says whether it is well.
        The variables that it reads are in `.env.example`.

        ## Test

            {facts.Test ?? "# there are no tests yet"}

        ## Deploy

            docker build -t {name} . && docker run --rm -p {ContainerFiles.Port}:{ContainerFiles.Port} {name}

        """;

    private static string Kind(ProjectFacts facts) => facts.Kind switch
    {
        ProjectKind.Node => $"A Node.js program; it starts with `{facts.Entry}`.",
        ProjectKind.Python => $"A Python program; it starts with `{facts.Entry}`.",
        ProjectKind.Dotnet => $"A .NET program; its project is `{facts.Entry}`.",
        ProjectKind.Static => $"Pages in `{facts.Entry}`.",
        _ => "A project.",
    };

    private static string Run(ProjectFacts facts) => facts.Kind switch
    {
        ProjectKind.Node => (facts.HasDependencies ? facts.HasLock ? "npm ci && " : "npm install && " : "")
            + $"PORT={ContainerFiles.Port} node {facts.Entry}",
        ProjectKind.Python => (facts.Has("requirements.txt") ? "pip install -r requirements.txt && " : "")
            + $"PORT={ContainerFiles.Port} python3 {facts.Entry}",
        ProjectKind.Dotnet =>
            $"ASPNETCORE_HTTP_PORTS={ContainerFiles.Port} dotnet run --project {facts.Entry}",
        _ => $"python3 -m http.server {ContainerFiles.Port} --directory "
            + (facts.Entry.Length == 0 ? "." : facts.Entry),
    };

    private static string Ci(ProjectFacts facts)
    {
        var (setUp, install) = facts.Kind switch
        {
            ProjectKind.Python => ($$"""
                      - uses: actions/setup-python@v5
                        with: { python-version: "{{facts.Version ?? "3.12"}}" }
                """, facts.Has("requirements.txt") ? "pip install -r requirements.txt pytest"
                    : "pip install pytest"),
            ProjectKind.Dotnet => ($$"""
                      - uses: actions/setup-dotnet@v4
                        with: { dotnet-version: "{{facts.Version ?? "10.0"}}.x" }
                """, "dotnet restore"),
            _ => ($$"""
                      - uses: actions/setup-node@v4
                        with: { node-version: "{{facts.Version ?? "22"}}" }
                """, facts.HasLock ? "npm ci" : "npm install --if-present"),
        };
        return $"""
            name: ci
            on:
              push: {"{ branches: [main] }"}
              pull_request:
            permissions:
              contents: read
            jobs:
              test:
                runs-on: ubuntu-latest
                timeout-minutes: 15
                steps:
                  - uses: actions/checkout@v4
            {setUp}
                  - run: {install}
                  - run: {facts.Test ?? facts.Build ?? "test -n \"$(ls)\""}

            """;
    }
}

using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using Aegis.Core;
using Aegis.Core.Deployments;
using Aegis.Core.Errors;
using Aegis.Core.Findings;
using Aegis.Gate;
using Aegis.Tools.Files;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Deploy;

/// <param name="Path">The project in the workspace.</param>
/// <param name="Name">Of the image and its service.</param>
/// <param name="BuildBase">The image that it is built in, best with its digest.</param>
/// <param name="RunBase">The image that it runs in.</param>
/// <param name="Overwrite">Writes files that are there already anew; they are only linted otherwise.</param>
public sealed record DeployContainerInput(
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Path = "app",
    [property: StringLength(IdRule.LengthMax, MinimumLength = 1)] string Name = "app",
    [property: StringLength(256, MinimumLength = 1)] string? BuildBase = null,
    [property: StringLength(256, MinimumLength = 1)] string? RunBase = null,
    bool Overwrite = false);

/// <summary>Writes Dockerfile, .dockerignore and compose.yaml from a project's facts and lints them. Builds
/// nothing: there is no engine in a sandbox.</summary>
public sealed class DeployContainer : Tool<DeployContainerInput>
{
    private const string Compose = "compose.yaml";

    // only where somebody installed it; its answer is SARIF-free text, one finding a line
    private const string Hadolint = """
        command -v hadolint >/dev/null 2>&1 || exit 44
        cd -- "$1" && hadolint --no-color -f tty Dockerfile
        """;

    private const int NotThere = 44;

    public override ToolDescriptor Descriptor { get; } =
        new("deploy.container", "tools:deploy", ToolEffect.Idempotent,
        "Writes and lints Dockerfile, .dockerignore and compose.yaml from the project's facts.",
            UsesWorkspace: true);

    protected override AegisError? Judge(DeployContainerInput input) => WorkPath.Wrong(input.Path, "path")
        ?? (input.Name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' or '.')
            && IdRule.IsValid(input.Name) ? BaseFault(input.BuildBase) ?? BaseFault(input.RunBase)
            : Wrong("name", "lower-case letters, digits, '-', '_', '.'", input.Name));

    protected override async ValueTask<ToolResult> InvokeAsync(DeployContainerInput input,
        Execution execution, CancellationToken cancel)
    {
        var (project, error) = await ProjectReading.ReadAsync(execution, input.Path, cancel);
        if (project is null)
        {
            return ToolResult.Fail(error!);
        }
        if (project.Facts.Kind == ProjectKind.Unknown)
        {
            return ToolResult.Fail(new AegisError("AEGIS2671",
                $"nothing that runs was found in {project.Path}",
                "package.json, a .csproj, requirements.txt or index.html", "none of them",
                "name the project's folder"));
        }
        var made = Files(input, project.Facts)
            .Where(f => input.Overwrite || !project.Facts.Has(f.Key)).ToList();
        if (await project.WriteAsync(execution, made, cancel) is { } failed)
        {
            return ToolResult.Fail(failed);
        }
        var findings = Findings(project, made);
        var hadolint = await execution.SandboxAsync(new SandboxCommand(
            FileAnswer.Bash(Hadolint, project.Path), Timeout: FileAnswer.TimeMax), cancel);
        var outputs = ToolJson.Element(new
        {
            kind = project.Facts.Kind.ToString().ToLowerInvariant(),
            written = made.Select(f => f.Key).ToArray(),
            findings = FindingAnswer.Json(findings),
            hadolint = hadolint.ExitCode == NotThere ? "not_run" : hadolint.Ok ? "passed" : "failed",
        });
        var text = FindingAnswer.Text(findings, $"{made.Count} files written; nothing is wrong with them");
        return !FindingAnswer.Blocks(findings) ? new ToolResult(true, text, outputs)
            : ToolResult.Fail(new AegisError("AEGIS2672", "the container's files break rules", "no error",
                findings.First(f => f.Severity == FindingSeverity.Error).Message,
                "mend what outputs.findings lists"), text: text, outputs: outputs);
    }

    private static IEnumerable<KeyValuePair<string, string>> Files(
        DeployContainerInput input, ProjectFacts facts)
    {
        var usual = BaseImages.Of(facts);
        yield return new("Dockerfile", ContainerFiles.Dockerfile(facts,
            new BaseImages(input.BuildBase ?? usual.Build, input.RunBase ?? usual.Run)));
        yield return new(".dockerignore", ContainerFiles.Ignore(facts));
        yield return new(Compose, ContainerFiles.Compose(input.Name, facts));
    }

    private static ImmutableArray<Finding> Findings(
        ProjectReading project, IReadOnlyList<KeyValuePair<string, string>> made)
    {
        var texts = project.Texts.SetItems(made);
        return
        [
            .. texts.Where(t => t.Key.Split('/')[^1] == "Dockerfile")
                .SelectMany(t => DockerfileLint.Check(t.Key, t.Value)),
            .. texts.Where(t => t.Key.Split('/')[^1] is Compose or "compose.yml" or "docker-compose.yml"
                or "docker-compose.yaml").SelectMany(t => ComposeCheck.Check(t.Key, t.Value)),
        ];
    }

    private static AegisError? BaseFault(string? image) => image is null
        || image.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '/' or ':' or '-' or '_' or '@')
            ? null : Wrong("base", "the name of an image", image);

    private static AegisError Wrong(string member, string expected, string got) =>
        new("AEGIS2001", $"deploy.container: {member} is malformed", expected, got, "correct the input")
        {
            Place = new ErrorPlace(ErrorPlace.Step(member)),
        };
}

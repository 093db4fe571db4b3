using System.ComponentModel.DataAnnotations;
using Aegis.Core;
using Aegis.Core.Deployments;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Files;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Deploy;

/// <param name="Path">The project in the workspace.</param>
public sealed record ProjectCheckInput(
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Path = "app");

/// <summary>Says what a project lacks of what every generated one must have.</summary>
public sealed class ProjectCheckTool : Tool<ProjectCheckInput>
{
    public override ToolDescriptor Descriptor { get; } =
        new("project.check", "tools:deploy", ToolEffect.Pure,
        "Looks for README, tests, CI file, Dockerfile, .env.example and health check; findings with mends.",
            UsesWorkspace: true);

    protected override AegisError? Judge(ProjectCheckInput input) => WorkPath.Wrong(input.Path, "path");

    protected override async ValueTask<ToolResult> InvokeAsync(ProjectCheckInput input, Execution execution,
        CancellationToken cancel)
    {
        var (project, error) = await ProjectReading.ReadAsync(execution, input.Path, cancel);
        if (project is null)
        {
            return ToolResult.Fail(error!);
        }
        var findings = ProjectCheck.Check(project.Facts, project.Texts);
        var outputs = ToolJson.Element(new
        {
            kind = project.Facts.Kind.ToString().ToLowerInvariant(),
            complete = findings.IsEmpty,
            findings = FindingAnswer.Json(findings),
        });
        var text = FindingAnswer.Text(findings, "nothing is missing");
        return findings.IsEmpty ? new ToolResult(true, text, outputs) : ToolResult.Fail(
            new AegisError("AEGIS2673", $"the project lacks {findings.Length} things", "a complete project",
                findings[0].Message, "mend what outputs.findings lists; project.scaffold writes most of it"),
            text: text, outputs: outputs);
    }
}

/// <param name="Path">The project in the workspace.</param>
/// <param name="Name">What the README calls it.</param>
/// <param name="Infrastructure">A cloud and what it is for, such as aws/site; it is written into
/// infra/.</param>
/// <param name="Language">Of the infrastructure.</param>
public sealed record ProjectScaffoldInput(
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Path = "app",
    [property: StringLength(IdRule.LengthMax, MinimumLength = 1)] string Name = "app",
    [property: RegularExpression("(aws|gcp)/(container|site|postgres)",
        ErrorMessage = "infrastructure is aws/ or gcp/, and container, site or postgres")]
    string? Infrastructure = null,
    [property: RegularExpression("terraform|pulumi", ErrorMessage = "language is terraform or pulumi")]
    string Language = "terraform");

/// <summary>Writes README, CI file, Dockerfile and .env.example where a project has none, and
/// infrastructure from a template.</summary>
public sealed class ProjectScaffoldTool : Tool<ProjectScaffoldInput>
{
    public override ToolDescriptor Descriptor { get; } =
        new("project.scaffold", "tools:deploy", ToolEffect.Idempotent,
        "Writes README, CI file, Dockerfile, .env.example and infrastructure where a project has none.",
            UsesWorkspace: true);

    protected override AegisError? Judge(ProjectScaffoldInput input) => WorkPath.Wrong(input.Path, "path")
        ?? (IdRule.IsValid(input.Name) ? null : new AegisError("AEGIS2001",
            "project.scaffold: name is malformed", "letters, digits, '.', '_', '-'", input.Name,
            "correct the input") { Place = new ErrorPlace(ErrorPlace.Step("name")) });

    protected override async ValueTask<ToolResult> InvokeAsync(ProjectScaffoldInput input,
        Execution execution, CancellationToken cancel)
    {
        var (project, error) = await ProjectReading.ReadAsync(execution, input.Path, cancel);
        if (project is null)
        {
            return ToolResult.Fail(error!);
        }
        var files = ProjectScaffold.Missing(input.Name, project.Facts);
        if (input.Infrastructure is { } wanted)
        {
            files = files.SetItems(InfrastructureTemplates.Of(wanted, input.Language)
                .Where(f => !project.Facts.Has(f.Key)));
        }
        if (await project.WriteAsync(execution, files, cancel) is { } failed)
        {
            return ToolResult.Fail(failed);
        }
        return new ToolResult(true,
            files.IsEmpty ? "nothing was missing" : $"wrote {string.Join(", ", files.Keys)}",
            ToolJson.Element(new { written = files.Keys.ToArray() }));
    }
}

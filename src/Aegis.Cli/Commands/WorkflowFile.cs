using System.Text;
using Aegis.Core;
using Aegis.Core.Plans;
using Aegis.Core.Schedules;

namespace Aegis.Cli.Commands;

/// <summary>A workflow's text as it goes to the server, and what can be known of it here. Its errors are the
/// server's to tell: it knows the tools.</summary>
internal sealed class WorkflowFile
{
    private readonly Plan? plan;

    private WorkflowFile(string path, string text)
    {
        Text = text;
        FileName = Path.GetFileName(path);
        plan = WorkflowCompiler.Compile(Encoding.UTF8.GetBytes(text), path, knownZone: CronZone.IsKnown).Plan;
    }

    public string Text { get; }

    public string FileName { get; }

    /// <summary>What it is registered as: its own name where that can be one, else the file's.</summary>
    public string Name => plan is { } known && IdRule.IsValid(known.Name)
        ? known.Name : Path.GetFileNameWithoutExtension(FileName);

    public static WorkflowFile Read(string path) => new(path, Files.ReadText(path, Files.WorkflowBytesMax));

    /// <summary>An input whose value is text, whatever it looks like.</summary>
    public bool IsTextInput(string name) =>
        plan?.Inputs.Any(i => i.Name == name && i.Type == InputType.String) == true;
}

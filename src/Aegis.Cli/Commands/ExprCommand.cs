using System.CommandLine;
using System.Text.Json;
using Aegis.Cli.Expr;
using Aegis.Core.Expressions;
using Aegis.Core.FileHashes;
using Aegis.Files;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis expr</c>: GitHub Actions' expressions, without a server.</summary>
internal static class ExprCommand
{
    public const int ContextBytesMax = 16 << 20;

    private static readonly Argument<string?> Text = new("EXPR")
    {
        Description = "The expression, with or without ${{ }} around it.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Context = new("--context")
    {
        Description = "A JSON file whose members are what the expression can begin with.",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Batch = new("--batch")
    {
        Description = "Answers JSON lines of {\"expr\", \"contexts\"}; - is stdin.",
        HelpName = "FILE",
    };

    private static readonly Option<ConclusionSeen> Status = new("--status")
    {
        Description = "What success(), failure() and cancelled() answer by: success, failure or cancelled.",
        HelpName = "STATUS",
    };

    private static readonly Option<string?> Workspace = new("--workspace")
    {
        Description = "The folder that hashFiles() looks at.",
        HelpName = "DIR",
    };

    public static Command Build(CommandDesk desk)
    {
        var command = new Verb("expr", "Evaluate expressions of GitHub Actions' language, offline.",
            "aegis expr \"contains(github.ref, 'main')\" --context context.json",
            "aegis expr --batch questions.jsonl")
        {
            Text, Context, Batch, Status, Workspace,
        };
        Status.AcceptOnlyFromAmong("success", "failure", "cancelled");
        command.SetAction((parsed, cancel) => Task.FromResult(Run(desk, parsed, cancel)));
        return command;
    }

    private static int Run(CommandDesk desk, ParseResult parsed, CancellationToken cancel)
    {
        var (text, batch) = (parsed.GetValue(Text), parsed.GetValue(Batch));
        if (text is null == batch is null || (batch is not null && parsed.GetValue(Context) is not null))
        {
            throw new CliException(ExitCode.Usage, "AEGIS7001", "expr takes either EXPR or --batch FILE",
                "the lines of a batch bring their own contexts");
        }
        var status = parsed.GetValue(Status);
        var files = OpenWorkspace(parsed.GetValue(Workspace), cancel);
        if (batch is not null)
        {
            using var input = batch == "-" ? Console.OpenStandardInput() : OpenBatch(batch);
            new ExpressionBatch(status, files).Answer(input, desk.Terminal.Out, cancel);
            return ExitCode.Ok;
        }
        using var roots = ReadContext(parsed.GetValue(Context));
        return Show(desk, parsed, Answer(text!, roots, status, files));
    }

    private static ExpressionAnswer Answer(string text, JsonDocument? roots, ConclusionSeen status,
        IFileHashes? files)
    {
        try
        {
            return ExpressionAnswer.Of(text, new JsonContext(roots?.RootElement, status, files));
        }
        catch (InvalidOperationException)
        {
            throw new CliException(ExitCode.Usage, "AEGIS7004",
                "a name of the context holds half of a surrogate pair, or is no UTF-8", "mend the file");
        }
    }

    private static int Show(CommandDesk desk, ParseResult parsed, ExpressionAnswer answer)
    {
        var json = answer.Value is { } value ? ExpressionAnswer.JsonOf(value) : null;
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Out.WriteLine(answer.ToJson());
        }
        else if (json is not null)
        {
            desk.Terminal.Out.WriteLine(
                $"{ExpressionAnswer.KindOf(answer.Value!)}: {Terminal.Visible(json)}");
        }
        else
        {
            var error = answer.Error ?? ExpressionAnswer.TooLarge;
            Failure.Write(desk.Terminal.Error, error.Code,
                $"{ExpressionAnswer.NameOf(answer.ErrorKind)} error: {error.Message}",
                error.Expected, error.Got, error.Mend);
        }
        return json is null ? ExitCode.Failed : ExitCode.Ok;
    }

    private static JsonDocument? ReadContext(string? file)
    {
        if (file is null)
        {
            return null;
        }
        try
        {
            var roots = JsonDocument.Parse(Files.Read(file, ContextBytesMax),
                new JsonDocumentOptions { MaxDepth = JsonContext.JsonDepthMax });
            return roots.RootElement.ValueKind == JsonValueKind.Object
                ? roots
                : throw new JsonException("an object is expected");
        }
        catch (JsonException e)
        {
            throw new CliException(ExitCode.Usage, "AEGIS7004", $"{file} is no JSON object: {e.Message}",
                "write {\"name\": value, …}");
        }
    }

    private static FileStream OpenBatch(string file) => File.Exists(file)
        ? new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0)
        : throw new CliException(ExitCode.Usage, "AEGIS7004", $"no such file: {file}", "check the path");

    private static WorkspaceFileHashes? OpenWorkspace(string? folder, CancellationToken cancel) =>
        folder is null ? null
        : Directory.Exists(folder) ? new WorkspaceFileHashes(folder, new FileHashLimits(), cancel)
        : throw new CliException(ExitCode.Usage, "AEGIS7004", $"no such folder: {folder}", "check the path");
}

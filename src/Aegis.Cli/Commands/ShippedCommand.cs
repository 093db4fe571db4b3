using System.CommandLine;
using System.Text.Json.Serialization;
using Aegis.Core.Errors;
using Aegis.Core.Plans.Shipped;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis workflow shipped</c>: the workflows that come with the product, without a
/// server.</summary>
internal static class ShippedCommand
{
    private static readonly Argument<string?> Name = new("NAME")
    {
        Description = "Print this one.", Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Build(CommandDesk desk)
    {
        var shipped = new Verb("shipped", "List the workflows that come with the product, or print one.",
            "aegis workflow shipped", "aegis workflow shipped assembly-line > my-line.yaml") { Name };
        shipped.SetAction(parsed => Show(desk, parsed));
        return shipped;
    }

    private static int Show(CommandDesk desk, ParseResult parsed)
    {
        var all = ShippedWorkflows.All;
        if (parsed.GetValue(Name) is { } name)
        {
            var found = ShippedWorkflows.Find(name) ?? throw new AegisException(new AegisError("AEGIS2731",
                "no workflow of that name comes with the product", string.Join(", ", all.Select(w => w.Name)),
                name, "aegis workflow show prints a registered one"));
            desk.Terminal.Out.Write(found.Text);
        }
        else if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json([.. all], ShippedJson.Default.ShippedWorkflowArray);
        }
        else
        {
            desk.Terminal.Table(["NAME", "WHAT IT DOES"], all.Select(w => new[] { w.Name, w.Summary }));
        }
        return ExitCode.Ok;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ShippedWorkflow[]))]
internal sealed partial class ShippedJson : JsonSerializerContext;

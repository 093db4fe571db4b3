using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Aegis.Cli;

/// <summary>The library's help with the verb's examples below it.</summary>
internal sealed class ExampleHelp(HelpAction help) : SynchronousCommandLineAction
{
    public static void AddTo(RootCommand root)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new ExampleHelp((HelpAction)option.Action!);
    }

    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        using var told = new StringWriter();
        parseResult.InvocationConfiguration.Output = told;
        var status = help.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output = output;
        // the library names the file that it runs from; people type another name
        output.Write(told.ToString().Replace($"\n  {RootCommand.ExecutableName}", "\n  aegis",
            StringComparison.Ordinal));
        if (parseResult.CommandResult.Command is Verb { Examples: { Count: > 0 } examples })
        {
            output.WriteLine("Examples:");
            foreach (var example in examples)
            {
                output.WriteLine($"  {example}");
            }
            output.WriteLine();
        }
        return status;
    }
}

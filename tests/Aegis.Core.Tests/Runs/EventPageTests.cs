using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Tests.Runs;

/// <summary>docs/events.md, the records and the codec say the same.</summary>
public sealed partial class EventPageTests
{
    [Fact]
    public void Page_NamesEveryEventAndNoOther()
    {
        var onPage = EventRow().Matches(Page()).Select(m => m.Groups[1].Value).Order();
        Assert.Equal(RunEventCodec.TypeNames.Order(), onPage);
        Assert.Equal(RunEventCodec.TypeNames.Order(),
            typeof(RunEvent).Assembly.GetTypes().Where(t => t.BaseType == typeof(RunEvent))
                .Select(t => t.Name).Order());
    }

    [Fact]
    public void Page_NamesEveryMemberOfEachEvent()
    {
        foreach (var type in typeof(RunEvent).Assembly.GetTypes().Where(t => t.BaseType == typeof(RunEvent)))
        {
            var row = Page().Split('\n')
                .Single(l => l.StartsWith($"| `{type.Name}`", StringComparison.Ordinal));
            foreach (var member in type.GetProperties()
                .Where(p => p.DeclaringType == type && p.Name != "EqualityContract"))
            {
                var name = System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(member.Name);
                Assert.True(Regex.IsMatch(row.Split('|')[2], $@"\b{name}\b"),
                    $"{type.Name}.{name} is not on the page");
            }
        }
    }

    [Fact]
    public void Page_NamesEveryState()
    {
        var page = Page();
        Assert.All(Enum.GetValues<TaskStatus>(), s => Assert.Contains($"`{TaskStatusText.Of(s)}`", page));
        Assert.All(Enum.GetValues<RunStatus>(), s => Assert.Contains($"`{TaskStatusText.Of(s)}`", page));
    }

    private static string Page([CallerFilePath] string here = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "../../../docs/events.md"));

    [GeneratedRegex(@"^\| `([A-Z]\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex EventRow();
}

using System.Globalization;
using Aegis.Core.Agents;
using Aegis.Core.Profiles;

namespace Aegis.Core.Tests.Agents;

/// <summary>What a profile may give an agent, at each bound and one past it.</summary>
public sealed class AgentProfileLimitTests
{
    [Theory]
    [InlineData("turns", 1, AgentLimits.TurnsMax)]
    [InlineData("tokens", 1, AgentLimits.TokensMax)]
    [InlineData("cost_usd", 0, AgentLimits.CostUsdMax)]
    [InlineData("parallel", 1, AgentLimits.ParallelMax)]
    [InlineData("context_tokens", AgentLimits.ContextTokensMin, AgentLimits.ContextTokensMax)]
    public void Limit_AtItsBounds_AndPastThem(string name, long least, long most)
    {
        Assert.Empty(Errors($"limits: {{ {name}: {least} }}"));
        Assert.Empty(Errors($"limits: {{ {name}: {most} }}"));
        Assert.Single(Errors($"limits: {{ {name}: {least - 1} }}"));
        Assert.Single(Errors($"limits: {{ {name}: {most + 1} }}"));
    }

    [Fact]
    public void Time_AtItsBounds_AndPastThem()
    {
        var most = (long)AgentLimits.TimeMax.TotalMilliseconds;
        foreach (var (time, isFine) in new[] { (1, true), (most, true), (0, false), (most + 1, false) })
        {
            Assert.Equal(isFine, Errors(string.Create(
                CultureInfo.InvariantCulture, $"limits: {{ time: {time}ms }}")).Length == 0);
        }
    }

    [Fact]
    public void Prompt_AtItsBound_AndPast()
    {
        var needed = string.Join(' ', PromptText.Missing("").Select(p => $"{{{{{p}}}}}"));
        Assert.Empty(Errors($"prompt: \"{needed.PadRight(PromptText.CharsMax, 'x')}\""));
        Assert.NotEmpty(Errors($"prompt: \"{needed.PadRight(PromptText.CharsMax + 1, 'x')}\""));
    }

    private static object[] Errors(string fields) =>
        [.. ProfileParser.Parse($"agents: {{ a: {{ like: builder, {fields} }} }}", "p").Errors];
}

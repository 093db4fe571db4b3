using System.Text.Json;
using Aegis.Tools.Flow;

namespace Aegis.Tools.Tests.Flow;

public sealed class PingToolTests
{
    [Theory]
    [InlineData(PingTool.MessageMax, null)]
    [InlineData(PingTool.MessageMax + 1, "AEGIS2001")]
    public void MessageMax_IsTheLimit(int length, string? code) => Assert.Equal(code, new PingTool().Check(
        JsonSerializer.SerializeToElement(new { message = new string('x', length) }))?.Code);

    [Fact]
    public void Input_MayBeEmpty_AndTakesNothingElse()
    {
        Assert.Null(new PingTool().Check(JsonElement.Parse("{}")));
        Assert.NotNull(new PingTool().Check(JsonElement.Parse("""{"host":"a"}""")));
    }
}

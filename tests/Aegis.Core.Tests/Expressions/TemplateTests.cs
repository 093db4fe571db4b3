using System.Text.Json;
using Aegis.Core.Expressions;

namespace Aegis.Core.Tests.Expressions;

public sealed class TemplateTests
{
    private const string Roots =
        """
        {"inputs":{"n":3,"t":true,"s":"a\"b","o":{"k":[1,null]},"nil":null},"env":{"X":"y"},
         "steps":{"a-1":{"outputs":{"list":["p","q"]}}},"context":{"branch":"feat/x"},
         "index":4,"item":{"v":"w"}}
        """;

    [Theory]
    [InlineData("""{"a":1,"b":[true,null,"x"]}""", """{"a":1,"b":[true,null,"x"]}""")]
    [InlineData("""["${{ inputs.n }}","${{inputs.t}}","${{ inputs.o }}","${{ inputs.nil }}"]""",
        """[3,true,{"k":[1,null]},null]""")]
    [InlineData("""["n=${{ inputs.n }}","${{ inputs.t }} ","${{ inputs.o }}!","<${{ inputs.nil }}>"]""",
        """["n=3","true ","Object!","<>"]""")]
    [InlineData("""["${{ inputs.n }}${{ inputs.n }}"]""", """["33"]""")]
    [InlineData("""["${inputs.n}","x ${inputs.n}","${context.branch}"]""", """[3,"x 3","feat/x"]""")]
    [InlineData("""["${steps.a-1.outputs.list[1]}","${item}","${index}","${item.v}"]""",
        """["q",{"v":"w"},4,"w"]""")]
    [InlineData("""["${HOME}","${inputs}","${inputs.}","${Inputs.n}","${inputs.n:-x}"]""",
        """["${HOME}","${inputs}","${inputs.}","${Inputs.n}","${inputs.n:-x}"]""")]
    [InlineData("""["${ inputs.n }","$inputs.n","${"]""", """["${ inputs.n }","$inputs.n","${"]""")]
    [InlineData("""{"cmd":"${inputs.n} ${HOME} ${{ inputs.n }}","x":{"cmd":["${inputs.n}"]}}""",
        """{"cmd":"${inputs.n} ${HOME} 3","x":{"cmd":["${inputs.n}"]}}""")]
    [InlineData("""["${{ '${{ }}' }}","${{ 'it''s }}' }}"]""", """["${{ }}","it's }}"]""")]
    [InlineData("""{"${{ inputs.n }}":"${{ inputs.s }}"}""", """{"${{ inputs.n }}":"a\"b"}""")]
    public void Render_Template_GivesItsValue(string template, string expected)
    {
        var result = Template.Render(JsonElement.Parse(template), new FakeContext(Roots));
        Assert.Null(result.Error);
        Assert.Equal(JsonElement.Parse(expected).GetRawText(), result.Value!.Value.GetRawText());
        Assert.Equal(template != expected, Template.HasExpressions(JsonElement.Parse(template)));
    }

    [Fact]
    public void Render_ConstantTemplate_IsTheSameElement()
    {
        var template = JsonElement.Parse("""{"a":"${HOME}"}""");
        Assert.Equal(template, Template.Render(template, new FakeContext()).Value);
    }

    [Theory]
    [InlineData("""["${{ inputs.n "]""", "AEGIS1091")]
    [InlineData("""["${{ 'a }} "]""", "AEGIS1091")]
    [InlineData("""["x ${{ bad }}"]""", "AEGIS1089")]
    [InlineData("""["${run.id}"]""", "AEGIS1089")]
    [InlineData("""["\ud800 ${{ 1 }}","${{ 1 }}"]""", "AEGIS1096")]
    [InlineData("""{"\ud800":"${{ 1 }}"}""", "AEGIS1096")]
    [InlineData("""["${{ fromJSON('\"\\ud800\"') }}"]""", "AEGIS1096")]
    [InlineData("""["${{ format('{0}') }}"]""", "AEGIS1093")]
    public void Render_WrongTemplate_IsAnError(string template, string code) =>
        Assert.Equal(code, Template.Render(JsonElement.Parse(template), new FakeContext(Roots)).Error?.Code);

    [Fact]
    public void Render_HalfPairInTheContext_IsAnErrorNotAnException() => Assert.Equal("AEGIS1096",
        Template.Render(JsonElement.Parse("""["${{ inputs.x }}"]"""),
            new FakeContext("""{"inputs":{"x":"\ud800"}}""")).Error?.Code);

    [Theory]
    [InlineData("a ${{ inputs.n }} ${env.X}", "a 3 y")]
    [InlineData("${{ inputs.t }}", "true")]
    [InlineData("plain", "plain")]
    public void RenderText_String_IsAlwaysText(string template, string expected) =>
        Assert.Equal(new RenderedText(expected, null), Template.RenderText(template, new FakeContext(Roots)));

    [Theory]
    [InlineData(Template.TextMax - 4, null)]
    [InlineData(Template.TextMax - 3, "AEGIS1094")]
    public void Render_Size_UpToTheLimit(int characters, string? code)
    {
        var context = new FakeContext($"{{\"inputs\":{{\"x\":\"{new string('x', characters)}\"}}}}");
        Assert.Equal(code, Template.Render(JsonElement.Parse("""["${inputs.x}"]"""), context).Error?.Code);
    }
}

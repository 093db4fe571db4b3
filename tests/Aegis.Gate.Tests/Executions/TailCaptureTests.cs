using System.Text;
using Aegis.Gate.Redaction;

namespace Aegis.Gate.Tests.Executions;

public sealed class TailCaptureTests
{
    [Theory]
    [InlineData(10, 9, "123456789")]
    [InlineData(10, 10, "1234567890")]
    [InlineData(10, 11, "2345678901")]
    public void Keeps_AtMostItsLimit(int limit, int length, string kept)
    {
        var tail = new TailCapture(Redactor.None, limit);
        tail.Add(Encoding.ASCII.GetBytes("12345678901234567890"[..length]));
        Assert.Equal((kept, (long)length), (Encoding.ASCII.GetString(tail.Finish()), tail.Total));
    }

    [Fact]
    public void Keeps_TheEndHoweverItComes()
    {
        var seed = Random.Shared.Next();
        var chance = new Random(seed);
        for (var round = 0; round < 300; round++)
        {
            var (all, tail) = (new StringBuilder(), new TailCapture(Redactor.None, 9_000));
            for (var piece = 0; piece < chance.Next(1, 40); piece++)
            {
                var text = new string((char)('a' + chance.Next(26)), chance.Next(1, 3_000));
                all.Append(text);
                tail.Add(Encoding.ASCII.GetBytes(text));
            }
            var expected = all.ToString();
            expected = expected[Math.Max(0, expected.Length - 9_000)..];
            Assert.True(expected == Encoding.ASCII.GetString(tail.Finish()), $"seed {seed}, round {round}");
        }
    }
}

using System.Text;
using Aegis.Core.Errors;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Models.Protocols.Streams;
using Aegis.Models.Tests.Support;

namespace Aegis.Models.Tests.Protocols;

/// <summary>Whatever bytes come, the answer is a value or a refusal, never another exception.</summary>
public sealed class BrokenBodyTests
{
    private static readonly string[] Bits =
        ["{", "}", "[", "]", ",", ":", "\"", "null", "7", "-1", "1e400", "\\ud800", "\"\\udc00\"", "true",
            "\u0000", "{\"type\":\"text\"}", "\"model\":\"x\",", "€"];

    [Fact]
    public void Call_WithAnyDamage_IsReadOrRefused()
    {
        for (var seed = 0; seed < 4_000; seed++)
        {
            var random = new Random(seed);
            var protocol = (WireProtocol)(seed % 2);
            var body = Damaged(random, ChatTranslation.WriteCall(new CallMaker(seed % 50).Make(), protocol,
                new() { CacheMarks = true }));
            Quietly(seed, () => ChatTranslation.ReadCall(body, protocol));
            Quietly(seed, () => ChatTranslation.ReadCall(body, WireProtocol.Responses));
            Quietly(seed, () => CallSplice.Apply(body, CallOutline.Read(body), new("m", true), protocol));
        }
    }

    [Fact]
    public void Answer_WithAnyDamage_IsReadOrRefused()
    {
        var answer = new ChatAnswer("i", "m", [new TextPart("é\n"), new ToolCallPart("c", "f", "{\"a\":1}")],
            FinishReason.Stop, new(1, 2));
        for (var seed = 0; seed < 4_000; seed++)
        {
            var protocol = (WireProtocol)(seed % 2);
            var body = Damaged(new Random(seed), ChatTranslation.WriteAnswer(answer, protocol, 1));
            Quietly(seed, () => ChatTranslation.TryReadAnswer(body, protocol, out _, out _));
            Quietly(seed, () => AnswerOutline.TryRead(body, protocol, AnswerKind.Chat, out _, out _));
            Quietly(seed, () => FailureBodies.Read(400, body));
        }
    }

    [Fact]
    public async Task Stream_WithAnyDamage_HasAnOutcome()
    {
        for (var seed = 0; seed < 1_000; seed++)
        {
            var protocol = (WireProtocol)(seed % 2);
            var body = Damaged(new Random(seed), FakeStreams.Of(protocol, "call look {\"at\":[1,2]}"));
            using var to = new MemoryStream();
            var relay = StreamText.Relay((WireProtocol)(seed / 2 % 2), to);
            var end = await relay.RunAsync(new MemoryStream(body), protocol, RecoveryKind.Fresh,
                StreamText.Quiet, default);
            Assert.True(Enum.IsDefined(end.Outcome), $"seed {seed}");
        }
    }

    private static byte[] Damaged(Random random, byte[] body)
    {
        var text = new List<byte>(body);
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(text.Count);
            switch (random.Next(4))
            {
                case 0:
                    text.RemoveRange(at, Math.Min(random.Next(1, 20), text.Count - at - 1));
                    break;
                case 1:
                    text[at] = (byte)random.Next(256);
                    break;
                case 2:
                    text.RemoveRange(at, text.Count - at - 1);
                    break;
                default:
                    text.InsertRange(at, Encoding.UTF8.GetBytes(Bits[random.Next(Bits.Length)]));
                    break;
            }
        }
        return [.. text];
    }

    private static void Quietly(int seed, Func<object> act)
    {
        try
        {
            _ = act();
        }
        catch (AegisException e) when (e.Error.Code is "AEGIS2386" or "AEGIS2387" or "AEGIS2388")
        {
            // refused as it should be
        }
        catch (Exception e)
        {
            Assert.Fail($"seed {seed}: {e}");
        }
    }
}

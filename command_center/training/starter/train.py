"""A byte-level GPT. The player may change all of this; prepare.py is the judge's.

Try it: python train.py --seed 0 --steps 600
"""

import math
import sys

import prepare
import torch
import torch.nn.functional as F
from torch import nn

LAYERS = 3
DIM = 64
HEADS = 4
CONTEXT = 128
BATCH = 16
LEARNING_RATE = 1e-3
WARMUP = 0.02
WARMDOWN = 0.0
WEIGHT_DECAY = 0.1
BETAS = (0.9, 0.99)

run = prepare.settings()
if run.size == "gpu":
    LAYERS, DIM, HEADS, CONTEXT, BATCH = 12, 1024, 8, 1024, 32
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
PEAK_FLOPS = {"A100": 312e12, "H100": 989e12, "H200": 989e12, "B200": 2250e12}
"""Of bfloat16, dense, by a part of the device's name."""


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(DIM, 3 * DIM, bias=False)
        self.out = nn.Linear(DIM, DIM, bias=False)
        self.up = nn.Linear(DIM, 4 * DIM, bias=False)
        self.down = nn.Linear(4 * DIM, DIM, bias=False)

    def forward(self, x, turn):
        q, k, v = self.qkv(norm(x)).view(*x.shape[:2], 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(rotate(q, turn), rotate(k, turn), v, is_causal=True)
        x = x + self.out(y.transpose(1, 2).reshape(x.shape))
        return x + self.down(F.gelu(self.up(norm(x))))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(256, DIM)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.head = nn.Linear(DIM, 256, bias=False)
        for name, weight in self.named_parameters():
            starts_at_zero = name.endswith(("out.weight", "down.weight"))
            nn.init.zeros_(weight) if starts_at_zero else nn.init.normal_(weight, std=0.02)

    def forward(self, x):
        """Bytes (batch, time) to logits of the byte after each (batch, time, 256)."""
        turn = angles(x.shape[1])
        x = self.embed(x)
        for block in self.blocks:
            x = block(x, turn)
        return self.head(norm(x))


def norm(x):
    return F.rms_norm(x, x.shape[-1:])


def angles(time):
    """Of the rotary embedding: cosines and sines (time, half a head)."""
    frequency = 10_000.0 ** (-torch.arange(0, DIM // HEADS, 2, device=device) / (DIM // HEADS))
    angle = torch.outer(torch.arange(time, device=device), frequency)
    return angle.cos(), angle.sin()


def rotate(x, turn):
    (a, b), (cos, sin) = x.chunk(2, dim=-1), turn
    return torch.cat((a * cos - b * sin, a * sin + b * cos), dim=-1).to(x.dtype)


def autocast():
    return torch.autocast("cuda", torch.bfloat16, enabled=device.type == "cuda")


def learning_rate(spent):
    """Share of the highest one when this share of the budget is spent."""
    warm = min(1.0, (spent + 1e-3) / WARMUP) if WARMUP else 1.0
    cool = min(1.0, (1 - spent) / WARMDOWN) if WARMDOWN else 1.0
    return warm * max(0.02, cool)


def train(model, text, random):
    """The number of steps that fitted into the budget."""
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=LEARNING_RATE, betas=BETAS, weight_decay=WEIGHT_DECAY
    )
    step = 0
    run.begin()
    while (spent := run.spent(step)) < 1:
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * learning_rate(spent)
        start = torch.randint(len(text) - CONTEXT - 1, (BATCH,), generator=random)
        rows = text[start[:, None] + torch.arange(CONTEXT + 1)].to(device)
        with autocast():
            logits = model(rows[:, :-1])
            loss = F.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        step += 1
        # Reading the loss waits for the device, so that a budget in seconds is what it says.
        bpb = loss.item() / math.log(2)
        if not bpb < 100:
            sys.exit("FAIL: the loss is not finite")
        if step % 25 == 0:
            prepare.tell(step=step, train_bpb=bpb)
    return step


def facts(model, steps):
    """What the hardware did; the share of its peak only where the peak is known."""
    weights = sum(p.numel() for p in model.parameters()) - model.embed.weight.numel()
    tokens = steps * BATCH * CONTEXT
    speed = tokens / run.seconds
    found = {"tokens": tokens, "tokens_per_second": speed, "params_m": weights / 1e6}
    if device.type == "cuda":
        found["peak_mb"] = torch.cuda.max_memory_allocated() / 2**20
        flops = (6 * weights + 12 * LAYERS * DIM * CONTEXT) * speed
        for part, peak in PEAK_FLOPS.items():
            if part in torch.cuda.get_device_name():
                found["mfu_percent"] = 100 * flops / peak
    return found


def main():
    torch.set_num_threads(1)
    torch.manual_seed(run.seed)
    model = GPT().to(device)
    text = torch.frombuffer(bytearray(prepare.load("train")), dtype=torch.uint8).long()
    steps = train(model, text, torch.Generator().manual_seed(run.seed + 1000))
    done = facts(model, steps)

    @torch.no_grad()
    def predict(windows):
        rows = torch.tensor([list(window) for window in windows], device=device)
        with autocast():
            return model(rows).float().flatten().tolist()

    prepare.finish(predict, run, steps, **done)


if __name__ == "__main__":
    main()

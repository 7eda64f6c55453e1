"""The paper's residual energy, Langevin loop and update in PyTorch, to time against.

Written for the benchmark: what a careful PyTorch user would write. Weights take no
gradient inside a chain, and normalized kernels are computed once per chain, not at
every step. PyTorch is no dependency of ebm_tf.
"""

import torch
import torch.nn.functional as F


def _unit(x):
    x = x / (x.abs().max() + 1e-30)
    return x / x.norm()


class SpectralConv(torch.nn.Module):
    """3x3 convolution by `weight / sigma`, or `weight / max(sigma, 1)` if bounded."""

    def __init__(self, channels, filters, *, bounded=False):
        super().__init__()
        self.bounded = bounded
        self.weight = torch.nn.Parameter(torch.empty(filters, channels, 3, 3))
        self.register_buffer("u", torch.ones(filters))
        torch.nn.init.xavier_uniform_(self.weight)
        self.cached = None

    def _iterate(self):
        w = self.weight.flatten(1)
        with torch.no_grad():
            v = _unit(self.u @ w)
            u = _unit(w @ v)
        return u @ (w @ v), u

    def normalized(self):
        """Returns the kernel that `forward` convolves by."""
        sigma, _ = self._iterate()
        return self.weight / (sigma.clamp(min=1.0) if self.bounded else sigma)

    @torch.no_grad()
    def refresh(self):
        """Moves `u` by one power iteration."""
        self.u.copy_(self._iterate()[1])

    def forward(self, x):
        kernel = self.normalized() if self.cached is None else self.cached
        return F.conv2d(x, kernel, padding=1)


class Block(torch.nn.Module):
    """Residual block with gains and biases by label, activation last."""

    def __init__(self, channels, filters, num_classes, *, downsample):
        super().__init__()
        self.downsample = downsample
        self.bias_1 = torch.nn.Parameter(torch.zeros(num_classes, channels))
        self.bias_2 = torch.nn.Parameter(torch.zeros(num_classes, filters))
        self.gain = torch.nn.Parameter(torch.ones(num_classes, filters))
        self.gain_shift = torch.nn.Parameter(torch.zeros(filters))
        self.conv_1 = SpectralConv(channels, filters)
        self.conv_2 = SpectralConv(filters, filters, bounded=True)
        self.shortcut = None
        if channels != filters:
            self.shortcut = SpectralConv(channels, filters)

    def forward(self, x, labels):
        def of(table):
            return table[labels][:, :, None, None]

        h = F.leaky_relu(self.conv_1(x + of(self.bias_1)), 0.2)
        gain = of(self.gain) + self.gain_shift[:, None, None]
        h = gain * self.conv_2(h + of(self.bias_2))
        x = h + (x if self.shortcut is None else self.shortcut(x))
        if self.downsample:
            x = F.avg_pool2d(x, 2)
        return F.leaky_relu(x, 0.2)


class ResNet(torch.nn.Module):
    """Figure 12(a) of Du and Mordatch, 2019, conditional; `[B, 3, H, W] -> [B]`."""

    def __init__(self, num_classes=10, filters=(128, 128, 256, 256, 256, 256)):
        super().__init__()
        self.stem = SpectralConv(3, 128)
        self.blocks = torch.nn.ModuleList(
            Block(channels, width, num_classes, downsample=index % 2 == 0)
            for index, (channels, width) in enumerate(
                zip((128, *filters[:-1]), filters, strict=True)
            )
        )
        self.head = torch.nn.Linear(filters[-1], 1)

    def convolutions(self):
        """Returns every normalized convolution."""
        return [layer for layer in self.modules() if isinstance(layer, SpectralConv)]

    def forward(self, x, labels):
        x = F.leaky_relu(self.stem(x), 0.2)
        for block in self.blocks:
            x = block(x, labels)
        return self.head(F.relu(x).sum((2, 3)))[:, 0]


def langevin_chain(net, x, labels, config):
    """Moves `x` by `config.num_steps` Langevin steps, as `ebm_tf.sampling` does."""
    net.requires_grad_(False)
    for layer in net.convolutions():
        layer.cached = layer.normalized()
        if x.is_contiguous(memory_format=torch.channels_last):
            layer.cached = layer.cached.to(memory_format=torch.channels_last)
    for _ in range(config.num_steps):
        y = (x + config.noise_std * torch.randn_like(x)).requires_grad_()
        (gradient,) = torch.autograd.grad(net(y, labels).sum(), y)
        gradient = gradient.clamp(-config.grad_clip, config.grad_clip)
        x = (y.detach() - config.step_size * gradient).clamp(0.0, 1.0)
    for layer in net.convolutions():
        layer.cached = None
    net.requires_grad_(True)
    return x


class Update:
    """One update: chain, contrastive loss, clipped Adam (beta_1 0), refresh."""

    def __init__(self, net, config):
        self.net, self.config, self.count = net, config, 0
        self.moments = [torch.zeros_like(w) for w in net.parameters()]

    def __call__(self, data, start, labels):
        chain = self.config.objective.langevin
        negatives = langevin_chain(self.net, start, labels, chain)
        data_energy = self.net(data, labels)
        negative_energy = self.net(negatives, labels)
        squares = data_energy.square().mean() + negative_energy.square().mean()
        gap = data_energy.mean() - negative_energy.mean()
        loss = gap + self.config.objective.l2_weight * squares
        self._apply(torch.autograd.grad(loss, list(self.net.parameters())))
        for layer in self.net.convolutions():
            layer.refresh()
        return negatives

    @torch.no_grad()
    def _apply(self, gradients):
        settings = self.config.optimizer
        self.count += 1
        debias = 1.0 - settings.beta_2**self.count
        rate = settings.learning_rate * debias**0.5
        for w, g, v in zip(self.net.parameters(), gradients, self.moments, strict=True):
            bound = settings.num_sigmas * (v / debias).sqrt() + 0.1
            g = g.clamp(-bound, bound)
            v.mul_(settings.beta_2).addcmul_(g, g, value=1.0 - settings.beta_2)
            w.sub_(rate * g / (v.sqrt() + settings.epsilon))
